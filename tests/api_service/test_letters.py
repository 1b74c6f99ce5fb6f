"""Letters and the outbox, for operators who write programs."""

import pytest

from shared.kit.db import transaction
from shared.models import Actor
from shared.models.letter import KINDS
from shared.services import audit, letters, outbox

TESTS = Actor.system("tests")
OWN = {"subject": "Hello from {{ tenant }}", "text": "Type {{ code }}", "html": "<p>Type <b>{{ code }}</b></p>"}


@pytest.fixture
def address(api):
    return f"/api/admin/tenants/{api.tenant.id}/letters"


def test_letters_are_listed_written_tried_and_reset(api, operator, address):
    listed = api.web.get(address, headers=operator).json["items"]
    assert [each["kind"] for each in listed] == list(KINDS)
    assert {"name": "code", "means": "The code", "optional": False} in listed[0]["values"]
    one = f"{address}/email_code/fr"
    ours = api.web.get(one, headers=operator).json
    assert ours["own"] is False and "{{ code }}" in ours["text"]

    tried = api.web.post(f"{one}/preview", json=OWN, headers=operator)
    assert tried.json == {"subject": "Hello from Default", "text": "Type 4KD7XM\n", "html": "<p>Type <b>4KD7XM</b></p>"}
    assert api.web.get(one, headers=operator).json["own"] is False
    assert api.web.put(one, json=OWN, headers=operator).json == {"kind": "email_code", "language": "fr", "own": True, **OWN}
    assert api.web.get(address, headers=operator).json["items"][0]["own"] == ["fr"]
    assert api.web.delete(one, headers=operator).json["own"] is False
    with api.app.app_context():
        actions = [event.action for event in audit.search(action="letter_template").items]
    assert actions == ["letter_template.reset", "letter_template.written"]


def test_what_is_no_letter_is_refused(api, operator, address):
    for sent in ({**OWN, "html": "{{ ''.__class__ }}"}, {**OWN, "text": "no c0de"}, {"subject": "x"}, {**OWN, "html": 7}):
        assert api.web.put(f"{address}/email_code/en", json=sent, headers=operator).status_code == 422
    for path in ("no_such_letter/en", "email_code/tlh"):
        assert api.web.put(f"{address}/{path}", json=OWN, headers=operator).status_code == 404


def test_a_test_goes_to_the_operator_alone(api, operator, address):
    sent = api.web.post(f"{address}/recovery/de/tests", headers=operator)
    assert (sent.status_code, sent.json) == (202, {"to": "ada@example.com"})
    (message,) = api.web.get("/api/admin/outbox", headers=operator).json["items"]
    assert (message["letter"], message["to"]) == ("recovery", "ada@example.com")


def test_what_failed_is_seen_tried_again_and_discarded(api, operator):
    with api.app.app_context():
        with transaction():
            letters.post("email_code", api.tenant, to="ada@example.com", language="en", code="4KD7XM", minutes=10)
            letters.nobody("email_code", api.tenant, to="eve@example.com", language="en", code="4KD7XM", minutes=10)
        outbox.deliver_due()
    told = api.web.get("/api/admin/outbox?state=failed", headers=operator)
    (message,) = told.json["items"]
    assert (told.json["failed"], message["failed"], "4KD7XM" in told.text) == (1, True, False)
    assert "There is no mail server" in message["last_error"]
    path = f"/api/admin/outbox/{message['id']}"
    assert api.web.post(f"{path}/tries", headers=operator).json["failed"] is False
    assert api.web.delete(path, headers=operator).status_code == 409
    with api.app.app_context():
        outbox.deliver_due()
    assert api.web.delete(path, headers=operator).status_code == 200
    assert api.web.delete(path, headers=operator).status_code == 404


def test_the_sender_is_set_and_checked(api, operator):
    path = f"/api/admin/tenants/{api.tenant.id}"
    changed = api.web.patch(
        path, json={"mail_from": "hello@shop.example", "mail_name": "The shop", "language": "fr"}, headers=operator
    )
    assert (changed.json["mail_from"], changed.json["mail_name"], changed.json["language"]) == (
        "hello@shop.example",
        "The shop",
        "fr",
    )
    helped = api.web.patch(path, json={"support_contact": "https://help.example.com"}, headers=operator)
    assert helped.json["support_contact"] == "https://help.example.com"
    assert api.web.patch(path, json={"support_contact": "ftp://x"}, headers=operator).status_code == 422
    for wrong in ({"mail_from": "a@b.example\r\nBcc: eve@example.com"}, {"mail_name": "a\nb"}, {"language": "tlh"}):
        assert api.web.patch(path, json=wrong, headers=operator).status_code == 422


@pytest.mark.parametrize("path", ["/api/admin/outbox", "/api/admin/tenants/0199f3c2-1111-7aaa-8bbb-0123456789ab/letters"])
def test_it_is_for_operators(api, path):
    assert api.web.get(path).status_code == 401
    assert api.web.get(path, headers=api.bearer("openid profile")).status_code == 403
