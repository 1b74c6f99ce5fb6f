"""`bailiwick` on the command line: who may make an account."""

from tests.house.commands import told


def test_somebody_is_invited_on_the_command_line(bailiwick) -> None:
    made = told(bailiwick("invitations", "create", "invited@example.com", "--json"))
    assert made["state"] == "open"
    assert told(bailiwick("invitations", "send-again", made["id"], "--json"))["id"] == made["id"]
    assert [row["email"] for row in told(bailiwick("invitations", "list", "invited", "--json"))] == ["invited@example.com"]
    assert bailiwick("invitations", "revoke", made["id"]).exit_code == 0
    assert told(bailiwick("invitations", "list", "--json"))[0]["state"] == "revoked"


def test_who_may_make_an_account_is_said_on_the_command_line(bailiwick) -> None:
    rules = ("--sign-up", "domain", "--sign-up-domain", "example.com", "--email-verification", "required")
    shown = told(bailiwick("tenants", "set", *rules, "--password-least", "15", "--json"))
    assert (shown["sign_up"], shown["sign_up_domains"], shown["password_least"]) == ("domain", ["example.com"], 15)
    helped = told(bailiwick("tenants", "set", "--support-contact", "help@example.com", "--json"))
    assert helped["support_contact"] == "help@example.com"
    assert told(bailiwick("tenants", "set", "--sign-up", "open", "--email-verification", "later", "--json"))["sign_up"] == "open"
