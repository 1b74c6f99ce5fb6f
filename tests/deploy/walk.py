"""The code flow through a running installation, over HTTP alone: python -m tests.deploy.walk URL CLIENT_ID SECRET EMAIL PASSWORD.

The client allows the redirect URI http://localhost:9/callback, where nobody needs to listen. Each step is printed; the first that is
wrong ends it.
"""

import base64
import hashlib
import html
import re
import sys
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from shared.kit import ids

CALLBACK = "http://localhost:9/callback"


def main(url: str, client_id: str, secret: str, email: str, password: str) -> None:
    browser, server = requests.Session(), requests.Session()
    found = server.get(f"{url}/.well-known/openid-configuration", timeout=10).json()
    assert found["issuer"] == url, found["issuer"]
    say("discovery", found["issuer"])
    verifier, state = ids.token(), ids.token()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "scope": "openid profile email offline_access",
    }
    asked |= {"state": state, "nonce": ids.token(), "code_challenge": challenge, "code_challenge_method": "S256"}
    back = sign_in(browser, found["authorization_endpoint"], asked, {"email": email, "password": password})
    assert (back["state"], back["iss"]) == (state, url), back
    say("code", f"{len(back['code'])} characters")
    spent = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": CALLBACK, "code_verifier": verifier}
    tokens = grant(server, found["token_endpoint"], (client_id, secret), spent)
    say("tokens", ", ".join(sorted(tokens)))
    person = userinfo(server, found["userinfo_endpoint"], tokens["access_token"])
    assert person["email"] == email, person
    say("userinfo", person)
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    fresh = grant(server, found["token_endpoint"], (client_id, secret), again)
    assert userinfo(server, found["userinfo_endpoint"], fresh["access_token"]) == person
    say("refreshed", "and userinfo again")


def sign_in(browser: requests.Session, authorize: str, asked: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """Follow the pages, fill in each form, until the browser is sent to the client; what the client is told."""
    answer = browser.get(authorize, params=asked, timeout=10, allow_redirects=False)
    for _ in range(12):
        where = answer.headers.get("Location", "")
        if where.startswith(CALLBACK):
            return {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}
        if where:
            answer = browser.get(urljoin(answer.url, where), timeout=10, allow_redirects=False)
            continue
        say(urlsplit(answer.url).path, answer.status_code)
        answer = browser.post(*fill_in(answer, given), timeout=10, allow_redirects=False)
    raise AssertionError(f"never came back: {answer.status_code} {answer.url}")


def fill_in(page: requests.Response, given: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Where the page's form goes, and what it holds."""
    assert page.status_code == 200, (page.status_code, page.text)
    form = re.search(r'<form[^>]*method="post"[^>]*action="([^"]*)"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert form, page.text
    named = {
        name: html.unescape(value)
        for name, value in re.findall(r'<(?:input|button)[^>]* name="([^"]+)" value="([^"]*)"', form[2])
    }
    return urljoin(page.url, html.unescape(form[1])), {**named, **given}


def grant(server: requests.Session, url: str, client: tuple[str, str], asked: dict[str, str]) -> dict[str, str]:
    answer = server.post(url, data=asked, auth=client, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def userinfo(server: requests.Session, url: str, token: str) -> dict[str, object]:
    answer = server.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return answer.json()


def say(step: str, seen: object) -> None:
    print(f"{step:20} {seen}")


if __name__ == "__main__":
    main(*sys.argv[1:])
