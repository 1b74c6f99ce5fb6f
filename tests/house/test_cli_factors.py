"""`bailiwick` about factors, beside a quickstart that runs in the same folder."""

import json


def test_the_rules_of_a_tenant_are_set(bailiwick) -> None:
    done = bailiwick("tenants", "set", "--factor", "password", "--factor", "totp", "--second-factor", "operators", "--json")
    told = json.loads(done.stdout)
    assert (told["factors"], told["second_factor"]) == (["password", "totp"], "operators")
    refused = bailiwick("tenants", "set", "--factor", "passkey")
    assert (refused.exit_code, "Offer a password" in refused.stderr) == (1, True)
    assert bailiwick("tenants", "set", "--second-factor", "enrolled").exit_code == 0


def test_an_operator_who_lost_everything_gets_in_by_the_command_line(bailiwick) -> None:
    assert bailiwick("users", "create", "--email", "lost@example.com", "--password", "nine engines and a kettle").exit_code == 0
    done = bailiwick("users", "factors", "reset", "lost@example.com")
    assert "has no second factor any more" in done.output
    assert bailiwick("users", "factors", "reset", "nobody@example.com").exit_code == 1
