"""Assertions of issuers that an operator trusts (RFC 7523 §2.1, §3; RFC 7521 §4.1)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from sqlalchemy import select

from shared.kit import clock
from shared.kit.db import db, transaction
from shared.models.audit import AuditEvent
from shared.models.user import User
from shared.services import clients, granted, resources, tenants, trusted_issuers, users
from shared.services.client_settings import JWT_BEARER
from tests.parts.factoring import equip
from tests.parts.signers import sqlite
from tests.parts.signing import Signer, new_key
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, Reply, unverified_claims

ISSUER, NOTES = "https://hr.example", "https://notes.example/api"


@dataclass
class Trust:
    """An issuer that is trusted to name people by their e-mail address, and the client that brings its word."""

    world: World
    client: RelyingParty
    signer: Signer

    def assertion(self, **changes: Any) -> str:
        return self.signer.assertion(**{"iss": ISSUER, "sub": self.world.ada.email, **changes})

    def bring(self, assertion: str | None = None, **params: Any) -> Reply:
        return self.client.token(**{"grant_type": JWT_BEARER, "assertion": assertion or self.assertion(), **params})

    def change(self, **changes: Any) -> None:
        with self.world.inside():
            issuer = trusted_issuers.find(self.world.tenant, ISSUER)
            assert issuer is not None
            trusted_issuers.update(issuer, self.world.tenant, by=TESTS, **changes)


@pytest.fixture
def trust(world: World) -> Trust:
    signer = Signer(ISSUER, world.url, new_key("ES256"), "ES256")
    with world.inside():
        rules = {"jwks": {"keys": [signer.public]}, "subject_is": "email", "scopes": ["openid", "email", "read"]}
        trusted_issuers.create(world.tenant, issuer=ISSUER, name="Personnel", by=TESTS, **rules)
        scopes = {"read": "Read your notes", "write": "Change your notes"}
        resources.create(world.tenant, identifier=NOTES, name="Notes", scopes=scopes, by=TESTS)
    application = world.add_application("Payroll", grant_types=[JWT_BEARER])
    return Trust(world, RelyingParty(world.url, application, world.ada), signer)


def refused(reply: Reply, error: str = "invalid_grant") -> None:
    assert (reply.status, reply.error) == (400, error), reply.text
    assert reply.headers["Cache-Control"] == "no-store"


def introspect(who: RelyingParty, token: str) -> Reply:
    return who.post(who.metadata["introspection_endpoint"], {"token": token}, who.basic())


def test_an_assertion_buys_an_access_token_and_nothing_else(trust: Trust) -> None:
    """RFC 7521 §4.1; RFC 9068 §2.2."""
    reply = trust.bring()
    assert (reply.status, set(reply.json)) == (200, {"access_token", "token_type", "expires_in", "scope"}), reply.text
    assert (reply.token_type, reply.scope) == ("Bearer", "openid email")
    claims = unverified_claims(reply.access_token)
    assert (claims["sub"], claims["client_id"]) == (str(trust.world.ada.id), trust.client.application.client_id)
    assert (claims["acr"], claims["amr"]) == ("0", []), "nobody signed in to us"
    assert trust.client.userinfo(reply.access_token).json["email"] == trust.world.ada.email
    assert introspect(trust.client, reply.access_token).active
    assert JWT_BEARER in trust.client.metadata["grant_types_supported"]
    with trust.world.inside():
        world = trust.world
        assert [each.way for each in granted.of(world.user(world.ada), world.tenant)] == ["By the word of a trusted issuer"]
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "assertion.accepted")).one()
    assert (event.actor_name, event.subject_name, event.detail["issuer"]) == ("Payroll", trust.world.ada.email, ISSUER)


def test_the_word_of_an_issuer_is_no_login(trust: Trust) -> None:
    """RFC 9068 §2.2.1: what a fresh login is needed for, a password for one, is not to be had by an assertion."""
    scopes = ["openid", "profile", "account", "account:write"]
    with trust.world.inside():
        clients.update(trust.world.client(trust.client.application), scopes=scopes, by=TESTS)
    trust.change(scopes=scopes)
    token = trust.bring().access_token
    assert "auth_time" not in unverified_claims(token)
    told = {"Authorization": f"Bearer {token}"}
    asked = (("PATCH", "/password", {"password": "nine engines and a kettle"}), ("DELETE", "", None), ("GET", "/data", None))
    for method, path, body in (*asked, ("PATCH", "", {"name": "Eve"})):
        answer = requests.request(method, f"{trust.world.url}/api/me{path}", json=body, headers=told, timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication"), path


def test_a_factor_that_the_person_adds_here_takes_nothing_from_it(trust: Trust) -> None:
    """Whether its people give two proofs is between the issuer and the operator who trusts it."""
    scopes = ["openid", "profile", "account"]
    with trust.world.inside():
        clients.update(trust.world.client(trust.client.application), scopes=scopes, by=TESTS)
    trust.change(scopes=scopes)
    equip(trust.world, trust.world.ada)
    told = {"Authorization": f"Bearer {trust.bring().access_token}"}
    for path in ("", "/applications", "/sessions"):
        assert requests.get(f"{trust.world.url}/api/me{path}", headers=told, timeout=30).status_code == 200


def test_it_can_be_for_a_resource(trust: Trust) -> None:
    """RFC 8707 §2.2."""
    claims = unverified_claims(trust.bring(resource=NOTES).access_token)
    assert (claims["aud"], claims["scope"]) == ([NOTES], "read")
    refused(trust.bring(resource=NOTES, scope="write"), "invalid_scope")
    refused(trust.bring(resource=NOTES, scope="openid"), "invalid_scope")
    refused(trust.bring(scope="read"), "invalid_scope")
    refused(trust.bring(scope="profile"), "invalid_scope")
    refused(trust.bring(resource="https://nowhere.example"), "invalid_target")


@sqlite
def test_a_twin_of_an_address_is_somebody_else(trust: Trust) -> None:
    """RFC 5891: straße.de and strasse.de are two domains."""
    with trust.world.inside():
        users.create(trust.world.tenant, email="eve@strasse.de", verified=True, by=TESTS)
    assert trust.bring(trust.assertion(sub="Eve@strasse.DE")).status == 200
    for twin in ("eve@straße.de", "\uff45ve@strasse.de"):
        refused(trust.bring(trust.assertion(sub=twin)))


@sqlite
def test_a_person_may_be_named_by_id(trust: Trust) -> None:
    trust.change(subject_is="id")
    assert trust.bring(trust.assertion(sub=str(trust.world.ada.id))).status == 200
    refused(trust.bring(trust.assertion(sub=trust.world.ada.email)))


@sqlite
def test_nobody_is_made_and_nobody_disabled_let_in(trust: Trust) -> None:
    """RFC 7523 §3, item 2."""
    world = trust.world
    for sub in ("new@example.com", "", None, 1, ["x"], {}, "x" * 5000, "a\0da@example.com", str(world.ada.id), "*"):
        refused(trust.bring(trust.assertion(sub=sub)))
    with world.inside():
        assert users.find_by_email(world.tenant, "new@example.com") is None
        with transaction() as session:
            session.get_one(User, world.ada.id).email_verified_at = None
    refused(trust.bring())
    with world.inside():
        with transaction() as session:
            session.get_one(User, world.ada.id).email_verified_at = clock.now()
        assert trust.bring().status == 200
        users.disable(world.user(world.ada), by=TESTS)
    refused(trust.bring())


@sqlite
def test_only_who_is_trusted_in_this_tenant(trust: Trust) -> None:
    """RFC 7523 §3, item 1."""
    for issuer in ("https://other.example", ISSUER + "/", ISSUER.upper(), "", None, 1, [ISSUER], "\0", trust.world.url):
        refused(trust.bring(trust.assertion(iss=issuer)))
    with trust.world.inside():
        tenant = tenants.create(name="Other", slug="other", by=TESTS)
        users.create(
            tenant, email=trust.world.ada.email, name="Ada", password="a-very-long-passphrase-1", verified=True, by=TESTS
        )
    application = trust.world.add_application("Payroll", tenant=tenant, grant_types=[JWT_BEARER])
    there = RelyingParty(f"{trust.world.url}/t/other", application, trust.world.ada)
    refused(there.token(grant_type=JWT_BEARER, assertion=trust.assertion(aud=there.issuer)))


@sqlite
def test_it_is_signed_with_a_key_of_its_issuer(trust: Trust) -> None:
    """RFC 7523 §3, item 9; RFC 8725 §3.1, §3.10."""
    stranger = Signer(ISSUER, trust.world.url, new_key("ES256"), "ES256")
    told = {"iss": ISSUER, "sub": trust.world.ada.email}
    refused(trust.bring(stranger.assertion(**told)))
    refused(trust.bring(stranger.assertion(**told, header={"kid": trust.signer.key.kid})))
    refused(trust.bring(stranger.assertion(**told, header={"jwk": stranger.public})))
    refused(trust.bring(trust.signer.sign({"alg": "none"}, trust.signer.claims(**told))))
    hmac = Signer(ISSUER, trust.world.url, new_key("HS256", secret="x" * 40), "HS256")
    refused(trust.bring(hmac.assertion(**told)))
    for header in ({"crit": ["b64"]}, {"typ": "at+jwt"}, {"typ": "dpop+jwt"}, {"x5u": "https://x.example"}):
        refused(trust.bring(trust.assertion(header=header)))
    for odd in ("x", "a.b.c", "..", "é", trust.assertion()[:-2]):
        refused(trust.bring(odd))
    assert trust.bring(trust.assertion(header={"typ": "JWT"})).status == 200
    other = new_key("ES256")
    trust.change(jwks={"keys": [other.as_dict(private=False)]})
    refused(trust.bring())


@sqlite
def test_it_is_for_us_and_for_now(trust: Trust) -> None:
    """RFC 7523 §3, items 3 to 6."""
    now, url = clock.timestamp(), trust.world.url
    for aud in (url, f"{url}/token", [url], ["https://other.example", url]):
        assert trust.bring(trust.assertion(aud=aud)).status == 200
    for aud in (url + "/", f"{url}/par", "https://other.example", [], None, 1, {}, [[url]], f"{url}/t/other"):
        refused(trust.bring(trust.assertion(aud=aud)))
    assert trust.bring(trust.assertion(exp=now + 3600, iat=now - 3600)).status == 200
    for exp in (None, now, now - 1, now + 7200, 10**30, "soon", True, [now + 60]):
        refused(trust.bring(trust.assertion(exp=exp)))


@sqlite
def test_it_has_begun_and_has_an_id(trust: Trust) -> None:
    """RFC 7523 §3, items 5 to 7."""
    now = clock.timestamp()
    for name in ("iat", "nbf"):
        assert trust.bring(trust.assertion(**{name: now + 10})).status == 200
        for moment in (now + 60, "now", True):
            refused(trust.bring(trust.assertion(**{name: moment})))
    for jti in (None, "", 1, [], "x" * 301):
        refused(trust.bring(trust.assertion(jti=jti)))


def test_it_serves_once(trust: Trust) -> None:
    """RFC 7523 §3, item 7: over nodes and restarts, and a request that fails for another reason uses nothing up."""
    assertion = trust.assertion()
    refused(trust.bring(assertion, scope="profile"), "invalid_scope")
    assert trust.bring(assertion).status == 200
    trust.world.valkey.client.flushall()
    refused(trust.bring(assertion))
    another = trust.assertion()
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(reply.status for reply in pool.map(lambda _: trust.bring(another), range(8)))
    assert statuses == [200] + [400] * 7


@sqlite
def test_only_clients_that_may_bring_its_word(trust: Trust, rp: RelyingParty, spa: RelyingParty) -> None:
    for other in (rp, spa):
        refused(other.token(grant_type=JWT_BEARER, assertion=trust.assertion()), "unauthorized_client")
    trust.change(clients=[rp.application.client_id])
    refused(trust.bring())
    trust.change(clients=[trust.client.application.client_id])
    assert trust.bring().status == 200
    refused(trust.client.token(grant_type=JWT_BEARER), "invalid_request")
    wrong = trust.client.token(grant_type=JWT_BEARER, assertion=trust.assertion(), headers=trust.client.basic("wrong"))
    assert (wrong.status, wrong.error) == (401, "invalid_client")
    with trust.world.inside():
        with pytest.raises(clients.Invalid):
            clients.update(trust.world.client(spa.application), grant_types=[JWT_BEARER], by=TESTS)
        with transaction() as session:
            session.get_one(clients.Client, trust.client.application.id).registered_by = "registration"
    refused(trust.bring(), "unauthorized_client")


def test_what_it_bought_ends_like_any_other(trust: Trust) -> None:
    token, other = trust.bring().access_token, trust.bring().access_token
    trust.client.post(trust.client.metadata["revocation_endpoint"], {"token": token}, trust.client.basic())
    trust.world.valkey.client.flushall()
    assert introspect(trust.client, token).json == {"active": False}
    assert introspect(trust.client, other).active, "each is an authorization of its own"
    with trust.world.inside():
        users.disable(trust.world.user(trust.world.ada), by=TESTS)
    assert introspect(trust.client, other).json == {"active": False}


@sqlite
def test_an_issuer_that_is_not_trusted_any_more_buys_nothing(trust: Trust) -> None:
    with trust.world.inside():
        issuer = trusted_issuers.find(trust.world.tenant, ISSUER)
        assert issuer is not None
        trusted_issuers.delete(issuer, by=TESTS)
    refused(trust.bring())
