"""`bailiwick` on the command line, beside a quickstart that runs in the same folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from joserfc.jwk import ECKey

from auth_service.cli import main
from shared.services import client_settings
from tests.house.commands import told
from tests.house.running import ROOT, House


def test_a_client_is_made_listed_and_shown(bailiwick) -> None:
    made = told(bailiwick("clients", "create", "Wiki", "--redirect-uri", "https://wiki.example.com/callback", "--json"))
    assert len(made["client_secret"]) >= 43
    assert made["client_id"] in {client["client_id"] for client in told(bailiwick("clients", "list", "wik", "--json"))}
    shown = told(bailiwick("clients", "show", made["client_id"], "--json"))
    assert shown["redirect_uris"] == ["https://wiki.example.com/callback"]
    assert made["client_secret"] not in json.dumps(shown)


def test_a_client_is_made_with_the_scopes_that_are_named(bailiwick) -> None:
    made = told(bailiwick("clients", "create", "Robot", "--scope", "openid", "--scope", "email account:write", "--json"))
    shown = told(bailiwick("clients", "show", made["client_id"], "--json"))
    assert shown["scopes"] == ["openid", "email", "account:write"]
    refused = bailiwick("clients", "create", "Robot", "--scope", "openid", "--scope", "everything")
    assert (refused.exit_code, refused.stderr) == (1, "Error: Unknown here: everything.\n")


def test_a_client_that_signs_is_made_with_its_public_keys(bailiwick, tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256", {"kid": "one"})
    (tmp_path / "public.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    (tmp_path / "private.json").write_text(json.dumps({"keys": [key.as_dict(private=True)]}))
    made = told(bailiwick("clients", "create", "Signer", "--jwks", str(tmp_path / "public.json"), "--json"))
    assert "client_secret" not in made
    shown = told(bailiwick("clients", "show", made["client_id"], "--json"))
    assert shown["token_endpoint_auth_method"] == "private_key_jwt"
    refused = bailiwick("clients", "create", "Signer", "--jwks", str(tmp_path / "private.json"))
    assert (refused.exit_code, "private or secret" in refused.stderr) == (1, True)


def test_a_client_may_not_return_to_plain_http(bailiwick) -> None:
    refused = bailiwick("clients", "create", "Wiki", "--redirect-uri", "http://wiki.example.com/callback")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: ")
    assert len(refused.stderr.splitlines()) == 1


def test_a_resource_is_made_listed_and_shown(bailiwick) -> None:
    api, scope = "https://notes.example/api", ("--scope", "read", "Read your notes")
    made = told(bailiwick("resources", "create", api, "Notes", *scope, "--token-seconds", "60", "--json"))
    assert (made["identifier"], made["scopes"], made["clients"]) == (api, ["read"], None)
    assert api in {each["identifier"] for each in told(bailiwick("resources", "list", "no", "--json"))}
    assert told(bailiwick("resources", "show", api, "--json")) == made
    assert bailiwick("resources", "show", api).output.startswith("identifier")
    for refused in (bailiwick("resources", "create", "notes", "Notes"), bailiwick("resources", "show", "urn:none")):
        assert refused.exit_code == 1 and refused.stderr.startswith("Error: ")


def test_a_letter_is_rewritten_tried_and_reset(bailiwick, tmp_path: Path) -> None:
    (tmp_path / "code.html").write_text("<p>{{ code }}</p>")
    (tmp_path / "evil.html").write_text("<p>{{ code }}</p>{% for a in code %}x{% endfor %}")
    refused = bailiwick("letters", "set", "email_code", "--html", str(tmp_path / "evil.html"))
    assert refused.exit_code == 1 and "more than a letter needs" in refused.stderr
    assert bailiwick("letters", "set", "email_code", "--html", str(tmp_path / "code.html")).exit_code == 0
    assert told(bailiwick("letters", "show", "email_code", "--json"))["html"] == "<p>{{ code }}</p>"
    assert {each["kind"]: each["own"] for each in told(bailiwick("letters", "list", "--json"))}["email_code"] == ["en"]
    assert bailiwick("letters", "test", "email_code", "grace@example.com").exit_code == 0
    assert bailiwick("letters", "reset", "email_code").exit_code == 0
    assert told(bailiwick("letters", "show", "email_code", "--json"))["html"] != "<p>{{ code }}</p>"
    assert bailiwick("outbox", "list", "--failed").output == "Nothing.\n"


def test_an_issuer_is_trusted_listed_shown_and_deleted(bailiwick) -> None:
    issuer, keys = "https://hr.example", ("--jwks-uri", "https://hr.example/jwks.json")
    made = told(
        bailiwick("issuers", "create", issuer, "Personnel", *keys, "--scope", "openid", "--subject-is", "email", "--json")
    )
    assert (made["issuer"], made["scopes"], made["clients"], made["subject_is"]) == (issuer, ["openid"], [], "email")
    assert issuer in {each["issuer"] for each in told(bailiwick("issuers", "list", "pers", "--json"))}
    assert told(bailiwick("issuers", "show", issuer, "--json")) == made
    for refused in (bailiwick("issuers", "create", issuer, "Keyless"), bailiwick("issuers", "show", "urn:none")):
        assert refused.exit_code == 1 and refused.stderr.startswith("Error: ")
    assert bailiwick("issuers", "delete", issuer).exit_code == 0
    assert bailiwick("issuers", "show", issuer).exit_code == 1


def test_a_person_is_made_listed_and_disabled(bailiwick) -> None:
    password = "a-long-enough-passphrase-9"
    made = told(bailiwick("users", "create", "--email", "cli@example.com", "--password", password, "--json"))
    assert made["disabled"] is False
    assert bailiwick("users", "disable", "cli@example.com", "--reason", "left").exit_code == 0
    assert told(bailiwick("users", "list", "cli@", "--json"))[0]["disabled"] is True
    assert "is enabled" in bailiwick("users", "enable", "cli@example.com").output
    assert told(bailiwick("users", "list", "cli@", "--json"))[0]["disabled"] is False
    assert "signed out everywhere" in bailiwick("users", "sign-out", "cli@example.com").output
    assert all(bailiwick("users", verb, "nobody@example.com").exit_code == 1 for verb in ("disable", "enable", "sign-out"))
    assert "is deleted" in bailiwick("users", "delete", "cli@example.com", "--yes").output
    assert told(bailiwick("users", "list", "cli@", "--json")) == []
    assert bailiwick("users", "delete", "cli@example.com", "--yes").exit_code == 1


def test_the_claims_of_a_person_are_set_and_shown(bailiwick) -> None:
    email = "claims@example.com"
    told(bailiwick("users", "create", "--email", email, "--password", "a-long-enough-passphrase-9", "--json"))
    bailiwick("users", "claims", email, "address.locality=London", "family_name=Lovelace")
    set_ = told(bailiwick("users", "claims", email, "address.country=UK", "family_name=", "phone_number_verified=no", "--json"))
    assert (set_["address.locality"], set_["address.country"]) == ("London", "UK")
    assert "family_name" not in set_
    for words in (("birthdate",), ("birthdate=soon",), ("shoe=38",), ("phone_number_verified=yes",)):
        assert bailiwick("users", "claims", email, *words).exit_code in (1, 2)
    assert bailiwick("users", "claims", "nobody@example.com").exit_code == 1


def test_an_administrator_is_asked_for_twice_and_not_echoed(bailiwick) -> None:
    password = "another-long-passphrase-7"
    made = bailiwick("create-admin", "--email", "boss@example.com", input=f"{password}\n{password}\n")
    assert made.exit_code == 0, made.output
    assert password not in made.output
    assert "boss@example.com" in made.output


def test_keys_are_listed_and_rotated(bailiwick) -> None:
    before = told(bailiwick("keys", "list", "--json"))
    assert {key["alg"] for key in before} == {"ES256", "RS256"}
    made = told(bailiwick("keys", "rotate", "--json"))
    assert {key["state"] for key in made} == {"published"}


def test_a_tenant_is_made_and_lets_clients_register(bailiwick) -> None:
    made = told(bailiwick("tenants", "create", "Partners", "--json"))
    assert made["slug"] in {each["slug"] for each in told(bailiwick("tenants", "list", "--json"))}
    changed = told(bailiwick("tenants", "set", "partners", "--client-registration", "token", "--require-par", "on", "--json"))
    assert (changed["client_registration"], changed["require_par"]) == ("token", True)
    assert told(bailiwick("tenants", "show", "partners", "--json")) == changed
    assert told(bailiwick("tenants", "show", "--json"))["client_registration"] == "off"
    assert bailiwick("tenants", "set", "partners", "--client-registration", "maybe").exit_code == 2
    assert bailiwick("tenants", "show", "nowhere").exit_code == 1


def test_an_initial_access_token_is_made_listed_and_revoked(bailiwick) -> None:
    made = told(bailiwick("tenants", "token", "create", "Build server", "--uses", "3", "--days", "7", "--json"))
    assert (len(made["token"]) >= 43, made["uses_left"]) == (True, 3)
    (listed,) = told(bailiwick("tenants", "token", "list", "--json"))
    assert listed["id"] == made["id"]
    assert made["token"] not in json.dumps(listed)
    assert bailiwick("tenants", "token", "create", "None", "--uses", "0").exit_code == 1
    assert bailiwick("tenants", "token", "revoke", made["id"]).exit_code == 0
    assert bailiwick("tenants", "token", "list").output == "No tokens.\n"
    assert bailiwick("tenants", "token", "revoke", "unknown").exit_code == 1


def test_a_table_has_a_head_and_a_line_for_each(bailiwick) -> None:
    lines = bailiwick("clients", "list").stdout.splitlines()
    assert lines[0].split() == ["client_id", "name", "type", "redirect_uris"]
    assert any("Default client" in line for line in lines[1:])


def test_migrating_twice_changes_nothing(bailiwick) -> None:
    assert bailiwick("migrate").stdout == bailiwick("migrate").stdout == "The database is up to date.\n"


def test_the_doctor_finds_a_running_house_well(bailiwick) -> None:
    found = told(bailiwick("doctor", "--json"))
    assert {finding["name"]: finding["ok"] for finding in found} == dict.fromkeys(
        ("settings", "database", "migrations", "redis", "keys", "clock", "public URL"), True
    )


def test_the_doctor_names_what_is_missing_and_its_mend(house: House) -> None:
    ill = {
        "BAILIWICK_REDIS_URL": "redis://127.0.0.1:1/0",
        "BAILIWICK_SECRET_KEY": "x" * 43,
        "BAILIWICK_PUBLIC_URL": "http://localhost:1",
    }
    command = [sys.executable, "-m", "auth_service.cli", "doctor", "--json"]
    # In a process of its own, which has opened no keys yet.
    result = subprocess.run(
        command, cwd=house.folder, env={**os.environ, "PYTHONPATH": str(ROOT), **ill}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    ailing = {finding["name"]: finding["mend"] for finding in json.loads(result.stdout) if not finding["ok"]}
    assert set(ailing) == {"redis", "keys", "clock", "public URL"}
    assert all(ailing.values())


def test_missing_settings_are_named_in_a_line_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        monkeypatch.delenv(f"BAILIWICK_{name}", raising=False)
    refused = CliRunner().invoke(main, ["clients", "list"])
    assert refused.exit_code == 1
    assert "BAILIWICK_DATABASE_URL" in refused.stderr
    assert "Traceback" not in refused.output


def test_a_client_is_disabled_and_enabled(bailiwick) -> None:
    made = told(bailiwick("clients", "create", "Leaky", "--json"))
    assert "Leaky is disabled." in bailiwick("clients", "disable", made["client_id"], "--reason", "it leaked").output
    assert "Leaky is enabled." in bailiwick("clients", "enable", made["client_id"]).output
    assert bailiwick("clients", "disable", "nobody").exit_code == 1


def test_a_key_is_revoked(bailiwick) -> None:
    leaked = next(key["kid"] for key in told(bailiwick("keys", "list", "--json")) if key["state"] == "signing")
    told(bailiwick("keys", "revoke", leaked, "--reason", "leaked", "--json"))
    states = {key["kid"]: key["state"] for key in told(bailiwick("keys", "list", "--json"))}
    assert states[leaked] == "revoked" and "signing" in states.values()
    assert bailiwick("keys", "revoke", "unknown").exit_code == 1


def test_every_setting_of_a_client_is_shown_and_can_be_set(bailiwick) -> None:
    made = told(bailiwick("clients", "create", "Policies", "--redirect-uri", "https://policies.example/cb", "--json"))[
        "client_id"
    ]
    wanted = {
        "require_par": True,
        "require_pkce": False,
        "dpop_bound_access_tokens": True,
        "refresh_mode": "grace",
        "refresh_grace_seconds": 60,
        "refresh_idle_seconds": 86400,
        "response_modes": ["query", "fragment"],
        "grant_types": ["authorization_code"],
        "scopes": ["openid", "email"],
        "access_token_seconds": 300,
        "id_token_alg": "RS256",
        "assertion_audience": "issuer",
        "default_max_age": 3600,
        "initiate_login_uri": "https://policies.example/start",
    }
    pairs = [f"{name}={' '.join(value) if isinstance(value, list) else value}" for name, value in wanted.items()]
    changed = told(bailiwick("clients", "set", made, *pairs, "--json"))
    assert {name: changed[name] for name in wanted} == wanted
    shown = told(bailiwick("clients", "show", made, "--json"))
    assert shown == changed and set(client_settings.CHECKS) <= set(shown)
    assert told(bailiwick("clients", "set", made, "default_max_age=", "--json"))["default_max_age"] is None
    assert "require_par" in bailiwick("clients", "show", made).output


def test_tokens_without_a_code_are_a_choice_of_tenant_and_client(bailiwick) -> None:
    told(bailiwick("tenants", "create", "Old", "--json"))
    assert told(bailiwick("tenants", "show", "old", "--json"))["implicit_allowed"] is False
    assert told(bailiwick("tenants", "set", "old", "--implicit-allowed", "on", "--json"))["implicit_allowed"] is True
    made = told(bailiwick("clients", "create", "Old", "--profile", "openid", "--json"))["client_id"]
    assert told(bailiwick("clients", "lint", made, "--json")) == []
    changed = told(bailiwick("clients", "set", made, "response_types=code,token id_token", "--json"))
    assert changed["response_types"] == ["code", "id_token token"]
    assert "response_types" in bailiwick("clients", "lint", made).output
    assert told(bailiwick("clients", "set", made, "response_types=", "--json"))["response_types"] == ["code"]


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("require_par", "name=value"),
        ("secret_sealed=x", "name=value"),
        ("require_par=perhaps", "true or false"),
        ("access_token_seconds=", "whole number"),
        ("access_token_seconds=1", "Between 30"),
        ("refresh_mode=never", "Choose one of"),
        ("redirect_uris=http://elsewhere.example/", "Use https"),
    ],
)
def test_a_wrong_setting_is_refused_in_a_line(bailiwick, pair: str, words: str) -> None:
    made = told(bailiwick("clients", "create", "Wrong", "--json"))["client_id"]
    refused = bailiwick("clients", "set", made, pair)
    assert (refused.exit_code, words in refused.stderr, len(refused.stderr.splitlines())) == (1, True, 1)


def test_the_linter_finds_and_a_profile_mends(bailiwick, tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256", {"kid": "one"})
    (tmp_path / "public.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    made = told(bailiwick("clients", "create", "Bank", "--jwks", str(tmp_path / "public.json"), "--json"))["client_id"]
    assert bailiwick("clients", "lint", made).exit_code == 0
    bailiwick("clients", "set", made, "profile=fapi2")
    found = bailiwick("clients", "lint", made, "--json")
    assert found.exit_code == 1
    departures = {each["setting"]: each for each in json.loads(found.stdout)}
    assert departures["require_par"]["is"] is False and "§5.3.2.2" in departures["require_par"]["why"]
    assert bailiwick("clients", "lint").exit_code == 1
    assert "nothing to mend" in bailiwick("clients", "apply", made, "fapi2").output
    assert told(bailiwick("clients", "lint", made, "--json")) == []
    assert told(bailiwick("clients", "create", "MCP", "--public", "--profile", "mcp", "--json"))["type"] == "public"
