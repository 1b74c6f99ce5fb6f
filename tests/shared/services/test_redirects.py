"""What may be registered as a redirect URI (RFC 9700 §2.1, RFC 8252 §7)."""

import pytest

from shared.kit.errors import Invalid
from shared.services import redirects


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.com/callback",
        "https://app.example.com",
        "https://app.example.com:8443/callback?tenant=1",
        "http://localhost:8000/docs/oauth2-redirect",
        "http://127.0.0.1/callback",
        "http://[::1]:3000/callback",
    ],
)
def test_good_addresses(uri: str) -> None:
    assert redirects.checked([uri], public=False) == [uri]


def test_an_installed_application_has_a_scheme_of_its_own() -> None:
    assert redirects.checked(["com.example.app:/callback"], public=True)
    with pytest.raises(Invalid):
        redirects.checked(["com.example.app:/callback"], public=False)


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example.com/callback",
        "http://localhost.evil.example/callback",
        "https://app.example.com/callback#fragment",
        "https://app.example.com/callback#",
        "https://*.example.com/callback",
        "https://app.example.com/*",
        "https://user:password@app.example.com/callback",
        "https://app.example.com/a/../callback",
        "https:///callback",
        "https://app.example.com:port/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "app:/callback",
        "//app.example.com/callback",
        "/callback",
        "https://app.example.com/call back",
        "https://app.example.com/\\evil",
        'https://app.example.com/"',
        "https://äpp.example.com/",
        "https://app.example.com/\0",
        "https://app.example.com/\n",
        "https://app.example.com/" + "x" * 2000,
    ],
)
@pytest.mark.parametrize("public", [True, False])
def test_bad_addresses_are_refused_with_the_mend(uri: str, public: bool) -> None:
    if uri.endswith("\n"):
        uri += "x"  # what is around an address is trimmed, what is within is not
    with pytest.raises(Invalid) as refused:
        redirects.checked([uri], public=public)
    assert refused.value.fields["field"] == "redirect_uris"


def test_an_address_is_kept_once_and_in_order() -> None:
    uris = ["https://b.example/", " https://a.example/ ", "", "https://b.example/"]
    assert redirects.checked(uris, public=False) == ["https://b.example/", "https://a.example/"]


def test_too_many_addresses_are_refused() -> None:
    with pytest.raises(Invalid):
        redirects.checked([f"https://a.example/{number}" for number in range(51)], public=False)
