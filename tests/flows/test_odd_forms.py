"""Whatever comes as a form where nobody is signed in yet is not a fault of ours, and makes no account."""

import pytest
from sqlalchemy import func, select

from shared.kit.db import db
from shared.models.user import User
from tests.parts.browsing import Browser
from tests.parts.factoring import demand
from tests.parts.fields import make_all
from tests.parts.world import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
SURROGATE = "%ED%A0%80"
EVERY = "".join(f'--b\r\nContent-Disposition: form-data; name="x{number}"\r\n\r\n1\r\n' for number in range(3000))
ODD = {
    "lone surrogates": (f"email={SURROGATE}a%40b.example&password={SURROGATE}&name={SURROGATE}&fields.string={SURROGATE}", FORM),
    "nought": ("email=a%00%40b.example&password=%00&name=%00&fields.string=%00&credential=%00", FORM),
    "another encoding": ("email=%FF%FE%40b.example&password=%FF&fields.datetime=%FF", f"{FORM}; charset=utf-16"),
    "a header within": ("email=a%0d%0aBcc:x%40b.example&password=difference+engines+all+the+way&name=a%0d%0aBcc:x", FORM),
    "very long": (f"email={'a' * 70000}@b.example&password=x&name={'x' * 70000}", FORM),
    "very many": ("&".join(f"fields.choices={number}" for number in range(3000)), FORM),
    "twice": ("email=a@b.example&email=c@b.example&password=a&password=b&name=a&name=b", FORM),
    "deep": (f"credential={'[' * 15000}", FORM),
    "no passkey": ("credential=%7B%22id%22%3A1%7D", FORM),
    "data": ("{}", "application/json"),
    "no parts": ("", "multipart/form-data"),
    "no boundary": ("x", "multipart/form-data; boundary="),
    "many parts": (f"{EVERY}--b--", PARTS),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_form_is_refused(world: World, browser: Browser, odd: str) -> None:
    demand(world, factors=["password", "email", "passkey", "totp"])
    make_all(world)
    with world.inside():
        before = db.session.scalar(select(func.count()).select_from(User))
    body, kind = ODD[odd]
    for place in ("/login", "/login/code", "/signup", "/recover", "/login/passkey"):
        browser.get("/login" if place == "/login/passkey" else place)
        token = browser.page.form(email="").fields["csrf_token"]
        answer = browser.http.post(
            world.url + place,
            data=(f"csrf_token={token}&{body}" if kind.startswith(FORM) else body).encode(),
            headers={"Content-Type": kind, "X-CSRFToken": token, "Origin": world.url, "Referer": f"{world.url}{place}"},
            allow_redirects=False,
            timeout=30,
        )
        assert answer.status_code < 500, place
    with world.inside():
        assert db.session.scalar(select(func.count()).select_from(User)) == before
