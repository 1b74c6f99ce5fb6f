"""Which tokens are believed (RFC 9068 §4, RFC 8725)."""

import base64
import hmac
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, RSAKey

from shared.kit import clock
from shared.web import access_token
from shared.web.access_token import NotBelieved
from tests.issuer import Issuer, new_key


@pytest.fixture(scope="module")
def issuer():
    issuer = Issuer()
    yield issuer
    issuer.stop()


def check(issuer, text):
    keys = {key.kid: type(key).import_key(key.as_dict(private=False)) for key in issuer.keys}
    return access_token.verify(text, issuer=issuer.url, audience=f"{issuer.url}/api", find_key=keys.get, now=clock.timestamp())


@pytest.mark.parametrize("kid", ["es-1", "rs-1"])
def test_a_proper_token_is_believed(issuer, kid):
    token = check(issuer, issuer.token(key=issuer.key(kid), sub="ada", scope="openid email"))
    assert (token.subject, token.client_id, token.scopes) == ("ada", "a-client", {"openid", "email"})


def test_the_long_form_of_the_type_and_a_list_of_audiences_are_believed_too(issuer):
    assert check(issuer, issuer.token(header={"typ": "application/at+JWT"}, aud=["https://else", f"{issuer.url}/api"]))


def test_a_token_without_scope_has_none(issuer):
    assert check(issuer, issuer.token(scope=None)).scopes == frozenset()
    assert check(issuer, issuer.token(scope="")).scopes == frozenset()


BAD_CLAIMS = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "https://else"},
    "the client as audience": {"aud": ["a-client"]},
    "no audience": {"aud": None},
    "an audience that only begins right": {"aud": "http://127.0.0.1/apiary"},
    "a strange audience": {"aud": {"x": 1}},
    "expired": {"exp": clock.timestamp() - 1},
    "no end": {"exp": None},
    "an end in words": {"exp": "tomorrow"},
    "an end that is true": {"exp": True},
    "an endless end": {"exp": 10**30},
    "from the future": {"iat": clock.timestamp() + 3600},
    "no beginning": {"iat": None},
    "not yet": {"nbf": clock.timestamp() + 3600},
    "a strange not-before": {"nbf": "x"},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a number as subject": {"sub": 7},
    "no client": {"client_id": None},
    "scope as a list": {"scope": ["openid"]},
}


@pytest.mark.parametrize("claims", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_wrong_claims_are_refused(issuer, claims):
    with pytest.raises(NotBelieved):
        check(issuer, issuer.token(**claims))


BAD_HEADERS = {
    "an ID token": {"typ": "JWT"},
    "no type": {"typ": ""},
    "a logout token": {"typ": "logout+jwt"},
    "no kid": {"kid": None},
    "an unknown kid": {"kid": "es-9"},
    "a critical extension": {"crit": ["exp"], "exp": 1},
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_wrong_headers_are_refused(issuer, header):
    text = forge({"alg": "ES256", "kid": "es-1", "typ": "at+jwt"} | header) if "crit" in header else issuer.token(header=header)
    with pytest.raises(NotBelieved):
        check(issuer, text)


def test_a_token_that_expires_now_is_refused(issuer):
    with pytest.raises(NotBelieved, match="expired"):
        check(issuer, issuer.token(exp=clock.timestamp()))


def test_the_algorithm_must_be_that_of_the_key(issuer):
    """RFC 8725 §3.1, §2.1."""
    rsa = issuer.key("rs-1")
    with pytest.raises(NotBelieved, match="algorithm"):
        check(issuer, issuer.token(key=rsa, header={"kid": "es-1"}))
    pss = RSAKey.import_key(rsa.as_dict(private=True) | {"alg": "PS256"})
    with pytest.raises(NotBelieved, match="algorithm"):
        check(issuer, issuer.token(key=pss, header={"alg": "PS256"}))


def test_a_public_key_is_not_a_secret(issuer):
    """The HS256 confusion of RFC 8725 §2.1."""
    secret = issuer.key("rs-1").as_pem(private=False)
    head, claims, _ = forge({"alg": "HS256", "kid": "rs-1", "typ": "at+jwt"}, {"iss": issuer.url}).split(".")
    mac = base64.urlsafe_b64encode(hmac.digest(secret, f"{head}.{claims}".encode(), "sha256")).rstrip(b"=").decode()
    with pytest.raises(NotBelieved, match="algorithm"):
        check(issuer, f"{head}.{claims}.{mac}")


def test_an_unsigned_token_is_refused(issuer):
    for alg in ("none", "None", "NONE", "", None, 7, []):
        with pytest.raises(NotBelieved):
            check(issuer, forge({"alg": alg, "kid": "es-1", "typ": "at+jwt"}, signature=""))


def test_a_key_in_the_token_itself_counts_for_nothing(issuer):
    """The header's jwk (RFC 7515 §4.1.3) is the sender's, not the issuer's."""
    mine = ECKey.generate_key("P-256", {"kid": "es-1", "alg": "ES256"})
    with pytest.raises(NotBelieved):
        check(issuer, issuer.token(key=mine))
    with pytest.raises(NotBelieved):
        check(issuer, issuer.token(key=mine, header={"jwk": mine.as_dict(private=False)}))


def test_a_changed_token_is_refused(issuer):
    head, claims, signature = issuer.token().split(".")
    other = issuer.token(sub="somebody else").split(".")[1]
    for text in (f"{head}.{other}.{signature}", f"{head}.{claims}.{signature[:-4]}AAAA", f"{head}.{claims}.", f"{head}.{claims}"):
        with pytest.raises(NotBelieved):
            check(issuer, text)


def test_a_huge_token_is_refused_before_it_is_read(issuer):
    with pytest.raises(NotBelieved, match="long"):
        check(issuer, issuer.token(more="x" * 9000))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.from_regex(r"([A-Za-z0-9_\-]{0,40}\.){1,4}[A-Za-z0-9_\-]{0,40}", fullmatch=True))
def test_any_text_at_all_is_refused_and_nothing_worse(text):
    with pytest.raises(NotBelieved):
        access_token.verify(text, issuer="https://i", audience="https://i/api", find_key={}.get, now=1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(JSON, JSON)
def test_any_header_and_claims_are_refused_and_nothing_worse(head, claims):
    key = new_key("ES256", "k")
    with pytest.raises(NotBelieved):
        access_token.verify(forge(head, claims), issuer="https://i", audience="https://i/api", find_key=lambda kid: key, now=1)


def forge(head, claims=None, signature="AAAA"):
    parts = (head, {} if claims is None else claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, signature])
