"""What makes a DPoP proof to be believed: one test a rule of RFC 9449 §4.3."""

import base64
import json
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey

from shared.kit import clock
from shared.web import dpop_proof
from shared.web.dpop_proof import Asked, NotProved, Proved
from tests.parts.proofs import Holder, hash_of
from tests.parts.signing import Signer, base64url, segment

URL = "https://id.example.com/token"
NONCE, TOKEN = "of-now", "header.claims.signature"
HOLDER = Holder(nonce=NONCE)


def verify(proof: str, *, method: str = "POST", url: str = URL, token: str | None = None) -> Proved:
    asked = Asked(method, url, clock.timestamp(), token)
    return dpop_proof.verify(proof, asked, is_fresh=lambda nonce: nonce == NONCE)


def refused(proof: str, section: str, error: str = "invalid_dpop_proof", **asked: Any) -> NotProved:
    with pytest.raises(NotProved) as caught:
        verify(proof, **asked)
    assert caught.value.error == error
    assert section in caught.value.section, caught.value.section
    assert caught.value.mend and caught.value.expected is not None
    return caught.value


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA", "Ed25519"])
def test_a_good_proof_names_its_key(alg: str) -> None:
    holder = Holder(alg, nonce=NONCE)
    assert verify(holder.proof("POST", URL)).jkt == holder.jkt
    assert verify(holder.proof("GET", URL, token=TOKEN), method="GET", token=TOKEN).jkt == holder.jkt


def test_there_is_one_proof() -> None:
    """§4.3 (1)."""
    good = HOLDER.proof("POST", URL)
    refused(f"{good},{good}", "(1)")
    refused(f"{good}, x", "(1)")


@pytest.mark.parametrize(
    "text", ["", " ", ".", "..", "a.b.c", "a.b", "a.b.c.d", "\u00e9.x.y", "=.=.=", "e30.e30.", "WzFd.e30.", "x" * 9000]
)
def test_it_is_a_well_formed_jwt(text: str) -> None:
    """§4.3 (2)."""
    refused(text, "RFC 9449 §4.3")


def test_it_is_not_endless() -> None:
    refused(HOLDER.proof("POST", URL, pad="x" * 9000), "(2)")


def test_it_has_its_claims() -> None:
    """§4.3 (3), §4.2."""
    refused(HOLDER.proof("POST", URL, jti=None), "(3)")
    for jti in ("", "x" * 301, 1, True, [], {}):
        refused(HOLDER.proof("POST", URL, jti=jti), "(3)")
    refused(HOLDER.proof("POST", URL, htm=None), "(8)")
    refused(HOLDER.proof("POST", URL, htu=None), "(9)")
    refused(HOLDER.proof("POST", URL, iat=None), "(11)")


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "at+jwt", "dpop+jwt+wrong", 1, ["dpop+jwt"], "\u0000"])
def test_its_type_says_that_it_is_a_proof(typ: Any) -> None:
    """§4.3 (4)."""
    refused(HOLDER.proof("POST", URL, header={"typ": typ}), "(4)")


@pytest.mark.parametrize(
    "alg", [None, "none", "None", "HS256", "HS512", "RS256", "ES256K", "PBES2-HS256+A128KW", 1, ["ES256"], {}]
)
def test_its_algorithm_is_asymmetric_and_offered(alg: Any) -> None:
    """§4.3 (5)."""
    refused(HOLDER.proof("POST", URL, header={"alg": alg}), "(5)")


def test_an_unsigned_one_is_refused() -> None:
    head = segment({"typ": "dpop+jwt", "alg": "none", "jwk": HOLDER.jwk})
    refused(f"{head}.{HOLDER.proof('POST', URL).split('.')[1]}.", "(5)")


def test_a_shared_secret_proves_nothing() -> None:
    """§4.3 (5), (7): neither as a key of its own, nor a public key used as the secret of an HMAC."""
    secret = OctKey.generate_key(256)
    hmac = Signer("", "", secret, "HS256")
    claims = json.loads(base64.urlsafe_b64decode(HOLDER.proof("POST", URL).split(".")[1] + "=="))
    refused(hmac.sign({"typ": "dpop+jwt", "alg": "HS256", "jwk": secret.as_dict()}, claims), "(5)")
    refused(hmac.sign({"typ": "dpop+jwt", "alg": "ES256", "jwk": secret.as_dict()}, claims), "(7)")
    confused = Signer("", "", OctKey.import_key(json.dumps(HOLDER.jwk)), "HS256")
    refused(confused.sign({"typ": "dpop+jwt", "alg": "HS256", "jwk": HOLDER.jwk}, claims), "(5)")


def test_the_signature_is_by_the_key_that_it_brings() -> None:
    """§4.3 (6)."""
    head, body, signature = HOLDER.proof("POST", URL).split(".")
    flipped = base64url(bytes(byte ^ 0x5A for byte in base64.urlsafe_b64decode(signature + "==")))
    for wrong in (flipped, signature[:-4], "", "AA", signature + "AAAA"):
        refused(f"{head}.{body}.{wrong}", "(6)")
    refused(HOLDER.proof("POST", URL, header={"jwk": Holder().jwk}), "(6)")
    other = Holder(nonce=NONCE).proof("POST", URL).split(".")
    refused(f"{head}.{other[1]}.{signature}", "(6)")


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        "key",
        [],
        {},
        {"kty": "EC"},
        {"kty": 1, "crv": [], "x": None, "y": {}},
        HOLDER.signer.key.as_dict(private=True),
        {**HOLDER.jwk, "d": ""},
        {**HOLDER.jwk, "k": "AAAA"},
        {**HOLDER.jwk, "x": "AAAA"},
        {**HOLDER.jwk, "y": HOLDER.jwk["x"]},
        {**HOLDER.jwk, "crv": "P-384"},
        {**HOLDER.jwk, "use": "enc"},
        {**HOLDER.jwk, "alg": "ES384"},
        {**HOLDER.jwk, "key_ops": ["sign"]},
        {**HOLDER.jwk, "key_ops": 7},
        {**HOLDER.jwk, "kid": 7},
        ECKey.generate_key("P-384").as_dict(private=False),
        Holder("PS256").jwk,
        Holder("Ed25519").jwk,
    ],
)
def test_the_key_is_public_and_fits(jwk: Any) -> None:
    """§4.3 (3), (7)."""
    with pytest.raises(NotProved) as caught:
        verify(HOLDER.proof("POST", URL, header={"jwk": jwk}))
    assert caught.value.error == "invalid_dpop_proof"
    assert "(7)" in caught.value.section or "(6)" in caught.value.section


def test_a_weak_rsa_key_is_refused() -> None:
    """FAPI 2.0 Security Profile §5.4.1."""
    weak = Holder("PS256", nonce=NONCE)
    with warnings.catch_warnings(action="ignore"):
        weak.signer.key = RSAKey.generate_key(1024)
    refused(weak.proof("POST", URL), "(7)")


def test_members_that_nobody_knows_are_passed_over() -> None:
    """RFC 7515 §4, RFC 7519 §4: but for those that must be understood."""
    assert verify(HOLDER.proof("POST", URL, header={"kid": "mine", "tx_id": 7, "jku": "https://evil.example/"}, tx_id_key=7))
    for name, value in (("crit", ["exp"]), ("crit", []), ("b64", False), ("zip", "DEF")):
        refused(HOLDER.proof("POST", URL, header={name: value}), "(2)")


@pytest.mark.parametrize("htm", ["GET", "post", "PUT", "", 1, ["POST"]])
def test_it_is_for_this_method(htm: Any) -> None:
    """§4.3 (8)."""
    refused(HOLDER.proof("POST", URL, htm=htm), "(8)")


@pytest.mark.parametrize(
    "htu", ["https://id.example.com/par", URL + "/", URL + "ohno", "/token", "", 1, [URL], "https://[", "\u0000"]
)
def test_it_is_for_this_address(htu: Any) -> None:
    """§4.3 (9)."""
    refused(HOLDER.proof("POST", URL, htu=htu), "(9)")


@pytest.mark.parametrize("htu", [URL + "?a=b#c", "HTTPS://ID.EXAMPLE.COM/token", "https://id.example.com:443/%74oken"])
def test_the_spelling_of_the_address_does_not_matter(htu: str) -> None:
    """§4.3 (9), RFC 3986 §6.2.2, §6.2.3."""
    assert verify(HOLDER.proof("POST", URL, htu=htu))


def test_it_has_a_nonce_that_was_given_out() -> None:
    """§4.3 (10), §8: whoever has none is told so, after everything else has been looked at."""
    for nonce in (None, "", "another", 1, [NONCE]):
        refused(HOLDER.proof("POST", URL, nonce=nonce), "§8", "use_dpop_nonce")
    refused(HOLDER.proof("POST", URL, nonce=None, iat=1), "(11)")


def test_it_was_made_just_now() -> None:
    """§4.3 (11), §11.1; FAPI 2.0 Security Profile §5.3.2.1: ten seconds ahead are accepted, sixty refused."""
    now = clock.timestamp()
    for iat in (now, now + 10, now - 10, now - 200, now - 0.5):
        assert verify(HOLDER.proof("POST", URL, iat=iat))
    for iat in (now + 60, now + 3600, now - 3600, now - 320, 0, -1, 1e300, 10**400, "now", True, [now], {}):
        refused(HOLDER.proof("POST", URL, iat=iat), "RFC 9449 §4.3")


def test_where_it_says_when_it_is_valid_that_counts() -> None:
    """RFC 7519 §4.1.4, §4.1.5."""
    now = clock.timestamp()
    assert verify(HOLDER.proof("POST", URL, nbf=now, exp=now + 300))
    for changes in ({"exp": now - 1}, {"exp": "soon"}, {"nbf": now + 60}, {"nbf": "soon"}):
        refused(HOLDER.proof("POST", URL, **changes), "(11)")


def test_it_is_for_the_access_token_that_comes_with_it() -> None:
    """§4.3 (12)."""
    for ath in (None, "", hash_of("another"), TOKEN, hash_of(TOKEN) + "=", 1, [hash_of(TOKEN)], "\u00e9"):
        refused(HOLDER.proof("GET", URL, ath=ath), "(12)", method="GET", token=TOKEN)


def test_a_mark_is_of_key_address_method_and_id_and_outlives_the_proof() -> None:
    now = clock.timestamp()
    one = verify(HOLDER.proof("POST", URL, jti="one", iat=now))
    assert one.mark == verify(HOLDER.proof("POST", URL + "?x", jti="one")).mark
    assert one.until > now + dpop_proof.SLOW_CLOCK
    others = [
        verify(HOLDER.proof("POST", URL, jti="two")),
        verify(HOLDER.proof("GET", URL, jti="one"), method="GET"),
        verify(HOLDER.proof("POST", URL + "s", jti="one"), url=URL + "s"),
        verify(Holder(nonce=NONCE).proof("POST", URL, jti="one")),
    ]
    assert len({one.mark, *(other.mark for other in others)}) == 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=5), deeper, max_size=3),
    max_leaves=8,
)


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
def test_no_text_is_too_odd_to_be_refused(text: str) -> None:
    with pytest.raises(NotProved):
        verify(text)


@given(st.sampled_from(["typ", "alg", "jwk", "kid", "crit", "x"]), JSON)
def test_no_header_is_too_odd(name: str, value: Any) -> None:
    head, body, signature = HOLDER.proof("POST", URL, header={name: value}).split(".")
    for proof in (f"{head}.{body}.{signature}", f"{head}.{body}.", f"{head}.{head}.{signature}"):
        try:
            verify(proof)
        except NotProved:
            pass


@given(st.dictionaries(st.sampled_from(["jti", "htm", "htu", "iat", "nonce", "ath", "exp", "nbf"]), JSON, min_size=1))
def test_no_claim_is_too_odd(changes: dict[str, Any]) -> None:
    try:
        verify(HOLDER.proof("POST", URL, token=TOKEN, **changes), token=TOKEN)
    except NotProved:
        pass


@given(st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "alg", "key_ops", "kid"]), JSON))
def test_no_key_is_too_odd(members: dict[str, Any]) -> None:
    try:
        verify(HOLDER.proof("POST", URL, header={"jwk": {**HOLDER.jwk, **members}}))
    except NotProved:
        pass
