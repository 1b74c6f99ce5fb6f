"""`bailiwick providers`: others with whom people can sign in."""

import json

from tests.house.commands import told


def test_a_provider_is_added_shown_switched_off_and_deleted(bailiwick) -> None:
    assert {"google", "openid"} <= {each["preset"] for each in told(bailiwick("providers", "presets", "--json"))}
    secret = "a-secret-of-the-provider"
    made = told(bailiwick("providers", "create", "github", "Iv1.x", "--secret", "-", "--json", input=f"{secret}\n"))
    assert made["redirect_uri"].endswith("/login/with/github/callback") and secret not in json.dumps(made)
    addresses = [word for name in ("authorization", "token", "userinfo") for word in ("--endpoint", name, "https://f.example/")]
    forge = told(bailiwick("providers", "create", "oauth2", "x", "--name", "Forge", "--secret", "y", *addresses, "--json"))
    assert forge["token_endpoint"] == "https://f.example/"
    refused = bailiwick("providers", "create", "google", "x", "--secret", "y", "--set", "team_id", "z")
    assert (refused.exit_code, "has no setting team_id" in refused.stderr) == (1, True)
    assert bailiwick("providers", "switch", "forge", "off").output == "forge is switched off.\n"
    assert [each["enabled"] for each in told(bailiwick("providers", "list", "--json"))] == [True, False]
    assert told(bailiwick("providers", "show", "github", "--json"))["people"] == 0
    assert bailiwick("providers", "delete", "github").exit_code == 0
