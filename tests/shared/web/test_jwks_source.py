"""How the keys of an issuer are fetched and kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.kit import clock
from shared.kit.errors import Unavailable
from shared.web import jwks_source
from shared.web.jwks_source import JwksSource
from tests.issuer import Issuer, new_key


@pytest.fixture
def issuer():
    issuer = Issuer()
    yield issuer
    clock.reset()
    issuer.stop()


@pytest.fixture
def source(issuer):
    return JwksSource(f"{issuer.url}/.well-known/jwks.json")


def test_keys_are_fetched_once_and_kept(issuer, source):
    first = source.find("es-1")
    assert first is source.find("es-1") and source.find("rs-1")
    assert not first.is_private
    assert issuer.asked == ["/.well-known/jwks.json"]


def test_they_are_fetched_again_when_their_max_age_has_passed(issuer, source):
    first = source.find("es-1")
    clock.shift(280)
    source.find("es-1")
    assert len(issuer.asked) == 1
    clock.shift(21)
    assert source.find("es-1") is first, "an unchanged key stays the same object"
    assert len(issuer.asked) == 2


@pytest.mark.parametrize(
    ("said", "kept"),
    [("max-age=0", 10), ("no-store", 10), ("max-age=99999999", 3600), (None, 300), ("max-age=bogus", 300), ('Max-Age="60"', 60)],
)
def test_what_the_issuer_says_of_caching_is_followed_within_reason(issuer, source, said, kept):
    issuer.cache_control = said
    source.refresh()
    clock.shift(kept - 8)
    source.refresh()
    assert len(issuer.asked) == 1
    clock.shift(9)
    source.refresh()
    assert len(issuer.asked) == 2


def test_a_withdrawn_key_is_gone_after_the_next_fetch(issuer, source):
    source.find("es-1")
    del issuer.keys[0]
    clock.shift(301)
    assert source.find("es-1") is None


def test_a_replaced_key_of_the_same_name_is_noticed(issuer, source):
    first = source.find("es-1")
    issuer.keys[0] = new_key("ES256", "es-1")
    clock.shift(301)
    assert source.find("es-1") is not first


def test_an_unknown_kid_asks_again_but_only_once_in_a_while(issuer, source):
    source.refresh()
    issuer.keys.append(new_key("ES256", "es-2"))
    assert source.find("es-2") is not None, "a key made a moment ago works at once"
    for invented in range(20):
        assert source.find(f"no-{invented}") is None
    assert len(issuer.asked) == 2
    clock.shift(11)
    source.find("no-1")
    source.find("no-2")
    assert len(issuer.asked) == 3


def test_many_askers_at_once_make_one_fetch(issuer, source):
    issuer.delay = 0.2
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(source.find, ["es-1"] * 20))
        assert len(issuer.asked) == 1
        issuer.keys.append(new_key("ES256", "es-2"))
        assert all(pool.map(source.find, ["es-2"] * 20))
    assert len(issuer.asked) == 2


def test_nobody_waits_for_a_refresh_while_old_keys_serve(issuer, source):
    source.refresh()
    clock.shift(301)
    issuer.delay = 1.0
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(source.find, "es-1")
        while len(issuer.asked) < 2:
            pass
        assert source.find("es-1") and not slow.done()


FAULTS = [{"status": 500}, {"status": 302}, {"body": b"not json"}, {"body": b"[]"}, {"body": b'{"keys": 1}'}]


@pytest.mark.parametrize("fault", FAULTS)
def test_old_keys_serve_while_the_issuer_is_in_trouble_but_not_for_ever(issuer, source, fault):
    key = source.find("es-1")
    vars(issuer).update(fault)
    clock.shift(301)
    assert source.find("es-1") is key and source.find("es-1") is key
    assert len(issuer.asked) == 2, "after a failure it rests for a while"
    clock.shift(86400)
    with pytest.raises(Unavailable):
        source.find("es-1")


def test_without_any_keys_it_is_unavailable_and_recovers_by_itself(issuer, source):
    issuer.status = 503
    with pytest.raises(Unavailable):
        source.find("es-1")
    issuer.status = 200
    clock.shift(2)
    assert source.find("es-1")


def test_nobody_listening_and_a_huge_or_slow_answer_are_all_the_same(issuer, monkeypatch):
    with pytest.raises(Unavailable):
        JwksSource("http://127.0.0.1:1/jwks.json").refresh()
    issuer.body = b'{"keys": [' + b" " * 300_000 + b"]}"
    with pytest.raises(Unavailable):
        JwksSource(f"{issuer.url}/jwks.json").refresh()
    monkeypatch.setattr(jwks_source, "TIMEOUT", 0.2)
    issuer.body, issuer.delay = None, 0.6
    with pytest.raises(Unavailable):
        JwksSource(f"{issuer.url}/jwks.json").refresh()


def test_keys_that_may_not_sign_tokens_are_left_out(issuer, source):
    bare = new_key("ES256", "es-1").as_dict(private=False)
    issuer.body = json_of(
        bare | {"kid": "encrypts", "use": "enc"},
        bare | {"kid": "other-kind", "alg": "RS256"},
        bare | {"kid": "other-alg", "alg": "ES384"},
        {name: value for name, value in bare.items() if name != "alg"} | {"kid": "no-alg"},
        {"kid": "secret", "kty": "oct", "k": "AAAA", "alg": "HS256"},
        {"kid": "broken", "kty": "EC", "alg": "ES256", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kid": 7},
        bare,
    )
    assert source.find("es-1")
    for kid in ("encrypts", "other-kind", "other-alg", "no-alg", "secret", "broken"):
        assert source.find(kid) is None, kid


def json_of(*keys):
    return jwks_source.json.dumps({"keys": keys}).encode()
