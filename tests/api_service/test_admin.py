"""The API of operators: the verbs of the dashboard, for whoever may use it."""

import pytest

from shared.kit.db import transaction
from shared.models import Actor
from shared.models.scope import ADMIN
from shared.models.user import OPERATOR
from shared.services import audit, authorizations, tenants, users
from shared.services.sessions import Session

TESTS = Actor.system("tests")
LISTS = (
    "/api/admin/clients",
    "/api/admin/resources",
    "/api/admin/keys",
    "/api/admin/tenants",
    "/api/admin/users",
    "/api/admin/invitations",
)


@pytest.mark.parametrize("path", LISTS)
def test_it_is_for_operators(api, path):
    assert api.web.get(path).status_code == 401
    assert api.web.get(path, headers=api.bearer("openid profile")).status_code == 403
    refused = api.web.get(path, headers=api.bearer(ADMIN, permissions=[OPERATOR]))
    assert (refused.status_code, refused.json["code"]) == (403, "denied"), "the right is read, not believed"


@pytest.mark.parametrize("path", LISTS)
def test_who_is_no_operator_any_more_is_refused_at_once(api, operator, path):
    assert api.web.get(path, headers=operator).status_code == 200
    with api.app.app_context():
        users.create(api.tenant, email="other@example.com", permissions=[OPERATOR], by=TESTS)
        users.set_permissions(api.ada, [], by=TESTS)
    assert api.web.get(path, headers=operator).status_code == 403


def test_another_tenant_has_none(api):
    with api.app.app_context():
        tenants.create(name="Acme", slug="acme", by=TESTS)
    theirs = api.issuer.token(iss=f"{api.issuer.url}/t/acme", aud=f"{api.issuer.url}/t/acme/api", scope=ADMIN)
    assert api.web.get("/t/acme/api/admin/users", headers={"Authorization": f"Bearer {theirs}"}).status_code in (401, 404)


def test_a_client_is_registered_changed_and_deleted(api, operator):
    sent = {"name": "Web shop", "redirect_uris": ["https://shop.example/callback"], "require_par": True}
    made = api.web.post("/api/admin/clients", json=sent, headers=operator)
    assert made.status_code == 201 and made.json["client_secret"] and made.json["require_par"] is True
    assert made.json["scopes"] and ADMIN not in made.json["scopes"]
    address = f"/api/admin/clients/{made.json['id']}"

    read = api.web.get(address, headers=operator).json
    assert read["redirect_uris"] == sent["redirect_uris"] and "client_secret" not in read
    assert "fingerprint" not in str(read)

    changed = api.web.patch(address, json={"refresh_mode": "grace", "jwks_uri": None}, headers=operator).json
    assert (changed["refresh_mode"], changed["require_par"]) == ("grace", True)
    secret = api.web.post(f"{address}/secret", headers=operator)
    assert secret.status_code == 201 and secret.json["client_secret"] != made.json["client_secret"]

    assert api.web.delete(address, headers=operator).json["name"] == "Web shop"
    assert api.web.get(address, headers=operator).status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"redirect_uris": ["javascript:alert(1)"]}, "https"),
        ({"refresh_mode": "never"}, "refresh_mode"),
        ({"id_token_alg": "none"}, "Choose one of"),
        ({"scopes": ["everything"]}, "Unknown here"),
        ({"access_token_seconds": 5}, "greater than"),
        ({"secret": "mine"}, "secret"),
        ({"scopes": None}, "scopes"),
        ({"name": ""}, "name"),
    ],
)
def test_what_a_client_may_not_be_is_refused_with_the_mend(api, operator, change, words):
    refused = api.web.patch(f"/api/admin/clients/{api.third_party.id}", json=change, headers=operator)
    assert refused.status_code == 422 and words in refused.json["detail"]


def test_a_list_is_paged_and_searched(api, operator):
    for number in range(3):
        api.web.post("/api/admin/clients", json={"name": f"Shop {number}"}, headers=operator)
    first = api.web.get("/api/admin/clients?q=shop&limit=2", headers=operator).json
    rest = api.web.get(f"/api/admin/clients?q=shop&limit=2&after={first['next']}", headers=operator).json
    assert [row["name"] for row in first["items"] + rest["items"]] == ["Shop 2", "Shop 1", "Shop 0"]
    assert "next" not in rest
    for wrong in ("limit=0", "limit=many", "after=x", "tenant=%00", f"q={'x' * 101}"):
        assert api.web.get(f"/api/admin/clients?{wrong}", headers=operator).status_code == 422, wrong
    assert api.web.get("/api/admin/clients?tenant=nobody", headers=operator).status_code == 404


def test_a_resource_is_kept_changed_and_deleted(api, operator):
    sent = {"identifier": "https://orders.example", "name": "Orders", "scopes": {"read": "See your orders"}}
    made = api.web.post("/api/admin/resources", json=sent, headers=operator)
    assert made.status_code == 201
    assert api.web.post("/api/admin/resources", json=sent, headers=operator).status_code == 409
    address = f"/api/admin/resources/{made.json['id']}"
    assert api.web.patch(address, json={"token_seconds": 60}, headers=operator).json["token_seconds"] == 60
    assert api.web.get(address, headers=operator).json["scopes"] == sent["scopes"]
    assert api.web.delete(address, headers=operator).status_code == 200
    assert api.web.get("/api/admin/resources", headers=operator).json["items"] == []


def test_keys_are_listed_and_rotated_without_their_private_part(api, operator):
    made = api.web.post("/api/admin/keys", json={"at_once": True}, headers=operator)
    assert made.status_code == 201 and {key["state"] for key in made.json["items"]} == {"signing"}
    listed = api.web.get("/api/admin/keys", headers=operator)
    assert {key["kid"] for key in made.json["items"]} <= {key["kid"] for key in listed.json["items"]}
    assert "private" not in listed.text and '"d"' not in listed.text


def test_the_list_of_users(api, operator):
    listed = api.web.get("/api/admin/users?q=ada", headers=operator).json["items"]
    assert [(row["email"], row["permissions"]) for row in listed] == [("ada@example.com", [OPERATOR])]
    assert api.web.get(f"/api/admin/users/{listed[0]['id']}", headers=operator).json["name"] == "Ada Lovelace"
    assert "password" not in str(listed)


def test_what_an_operator_did_is_in_the_audit_log(api, operator):
    api.web.post("/api/admin/clients", json={"name": "Shop"}, headers=operator)
    with api.app.app_context():
        newest = audit.search(action="client.created").items[0]
    assert (newest.actor_name, newest.subject_name) == ("ada@example.com", "Shop")


def test_a_client_is_disabled_and_enabled(api, operator):
    address = f"/api/admin/clients/{api.third_party.id}"
    assert api.web.put(f"{address}/disabling", json={"reason": "stolen"}, headers=operator).json["disabled_at"]
    assert "disabled_at" not in api.web.delete(f"{address}/disabling", headers=operator).json
    assert "disabled_at" not in api.web.get(address, headers=operator).json


def test_a_key_is_revoked(api, operator):
    kid = api.web.post("/api/admin/keys", json={"at_once": True}, headers=operator).json["items"][0]["kid"]
    revoked = api.web.put(f"/api/admin/keys/{kid}/revocation", json={"reason": "leaked"}, headers=operator)
    assert (revoked.status_code, revoked.json["state"]) == (200, "revoked")
    assert api.web.put("/api/admin/keys/nobody/revocation", json={}, headers=operator).status_code == 404


def test_a_tenant_is_made_and_opened_to_clients_with_a_token(api, operator):
    made = api.web.post("/api/admin/tenants", json={"name": "Acme"}, headers=operator)
    assert (made.status_code, made.json["slug"], made.json["client_registration"]) == (201, "acme", "off")
    assert api.web.post("/api/admin/tenants", json={"name": "Acme"}, headers=operator).status_code == 409
    address = f"/api/admin/tenants/{made.json['id']}"
    assert api.web.patch(address, json={"client_registration": "token"}, headers=operator).json["client_registration"] == "token"

    assert made.json["implicit_allowed"] is False
    assert api.web.patch(address, json={"implicit_allowed": True}, headers=operator).json["implicit_allowed"] is True

    token = api.web.post(f"{address}/initial-access-tokens", json={"name": "Partners", "uses": 2}, headers=operator)
    assert token.status_code == 201 and token.json["initial_access_token"] and token.json["uses_left"] == 2
    listed = api.web.get(f"{address}/initial-access-tokens", headers=operator)
    assert [row["name"] for row in listed.json["items"]] == ["Partners"] and token.json["initial_access_token"] not in listed.text
    one = f"{address}/initial-access-tokens/{token.json['id']}"
    assert api.web.delete(one, headers=operator).status_code == 200
    assert api.web.get(f"{address}/initial-access-tokens", headers=operator).json["items"] == []


def test_the_claims_of_a_user_are_read_and_changed(api, operator):
    path = f"/api/admin/users/{api.ada.id}/claims"
    assert api.web.get(path, headers=operator).json == {}
    set_ = {
        "phone_number": "+44 20 7946 0000",
        "phone_number_verified": True,
        "locale": "en-GB",
        "address": {"locality": "London"},
    }
    kept = {**set_, "phone_number": "+442079460000"}
    assert api.web.patch(path, headers=operator, json=set_).json == kept
    changed = api.web.patch(path, headers=operator, json={"locale": None, "address": None}).json
    assert changed == {name: value for name, value in kept.items() if name.startswith("phone")}
    for wrong in ({"birthdate": "soon"}, {"shoe_size": "38"}, {"address": {"planet": "Earth"}}, {"picture": 7}):
        assert api.web.patch(path, headers=operator, json=wrong).status_code == 422
    assert api.web.get(path, headers=operator).json == changed


def test_a_client_is_linted_and_follows_a_profile(api, operator):
    address = f"/api/admin/clients/{api.third_party.id}"
    found = api.web.get(f"{address}/findings", headers=operator)
    assert found.status_code == 200 and found.json["profile"] == "oauth21"
    applied = api.web.put(f"{address}/profile", json={"profile": "openid"}, headers=operator)
    assert (applied.status_code, applied.json["profile"]) == (200, "openid")
    assert api.web.put(f"{address}/profile", json={"profile": "none"}, headers=operator).status_code == 422
    far = api.web.put(f"{address}/profile", json={"profile": "fapi2"}, headers=operator)
    if far.status_code == 200:
        left = api.web.get(f"{address}/findings", headers=operator).json["items"]
        assert all(finding["why"] and finding["mend"] for finding in left)


def test_an_issuer_is_trusted_changed_and_trusted_no_longer(api, operator):
    sent = {"issuer": "https://partner.example", "name": "Partner", "jwks_uri": "https://partner.example/jwks.json"}
    made = api.web.post("/api/admin/issuers", json=sent, headers=operator)
    assert (made.status_code, made.json["subject_is"]) == (201, "id")
    assert api.web.post("/api/admin/issuers", json=sent, headers=operator).status_code == 409
    assert (
        api.web.post(
            "/api/admin/issuers", json={**sent, "issuer": "https://other.example", "jwks_uri": None}, headers=operator
        ).status_code
        == 422
    )
    address = f"/api/admin/issuers/{made.json['id']}"
    assert api.web.patch(address, json={"scopes": ["openid"]}, headers=operator).json["scopes"] == ["openid"]
    assert [row["name"] for row in api.web.get("/api/admin/issuers?q=part", headers=operator).json["items"]] == ["Partner"]
    assert api.web.delete(address, headers=operator).status_code == 200
    assert api.web.get(address, headers=operator).status_code == 404


def test_what_a_person_let_applications_do_is_listed_and_revoked(api, operator):
    with api.app.app_context():
        session = Session("sid", str(api.tenant.id), str(api.ada.id), 1, ("pwd",), 1, 1, None, "")
        with transaction():
            made = authorizations.start(api.ada, api.third_party, session, scopes=["openid", "email"], acr="1")
    address = f"/api/admin/users/{api.ada.id}/authorizations"
    listed = api.web.get(address, headers=operator).json["items"]
    assert [(row["client_name"], row["scopes"]) for row in listed] == [("Theirs", ["openid", "email"])]
    assert "See your e-mail address" in listed[0]["words"]
    assert api.web.delete(f"{address}/{made}", headers=operator).status_code == 200
    assert api.web.get(address, headers=operator).json["items"] == []
    assert api.web.delete(f"{address}/{api.ada.id}", headers=operator).status_code == 404


def test_a_person_is_deleted(api, operator):
    with api.app.app_context():
        eve = users.create(api.tenant, email="eve@example.com", by=TESTS)
    address = f"/api/admin/users/{eve.id}"
    assert api.web.delete(address, headers=api.bearer("openid")).status_code == 403
    assert api.web.delete(address, headers=operator).json["email"] == "eve@example.com"
    assert api.web.delete(address, headers=operator).status_code == 404
    assert api.web.delete(f"/api/admin/users/{api.ada.id}", headers=operator).status_code == 409


@pytest.fixture
def mailing(api, tmp_path):
    """Letters can leave."""
    told = api.app.extensions["bailiwick.settings"]
    api.app.extensions["bailiwick.settings"] = told.model_copy(update={"outbox_dir": tmp_path})


def test_where_no_letter_can_leave_nobody_is_invited(api, operator):
    refused = api.web.post("/api/admin/invitations", json={"email": "new@example.com"}, headers=operator)
    assert refused.status_code == 422 and "BAILIWICK_SMTP_URL" in refused.json["detail"]


def test_somebody_is_invited_again_and_no_longer(api, operator, mailing):
    made = api.web.post("/api/admin/invitations", json={"email": "new@example.com"}, headers=operator)
    assert made.status_code == 201 and made.json["state"] == "open"
    assert "fingerprint" not in made.text and "token" not in made.text
    address = f"/api/admin/invitations/{made.json['id']}"
    assert api.web.get(address, headers=operator).json == made.json
    assert api.web.post(f"{address}/letter", headers=operator).json["state"] == "open"
    assert api.web.delete(address, headers=operator).json["state"] == "revoked"
    assert api.web.post(f"{address}/letter", headers=operator).status_code == 409
    assert [row["email"] for row in api.web.get("/api/admin/invitations", headers=operator).json["items"]] == ["new@example.com"]
    for email, status in (("nobody", 422), (api.ada.email, 409), (None, 422)):
        assert api.web.post("/api/admin/invitations", json={"email": email}, headers=operator).status_code == status


def test_who_may_make_an_account_is_set(api, operator, mailing):
    address = f"/api/admin/tenants/{api.web.get('/api/admin/tenants', headers=operator).json['items'][0]['id']}"
    change = {"sign_up": "domain", "sign_up_domains": ["example.com"], "email_verification": "required", "password_least": 15}
    assert change.items() <= api.web.patch(address, json=change, headers=operator).json.items()
    for wrong in ({"sign_up": "perhaps"}, {"email_verification": "later"}, {"password_least": 7}, {"registration_allowed": True}):
        assert api.web.patch(address, json=wrong, headers=operator).status_code == 422
