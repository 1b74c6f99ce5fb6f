"""`bailiwick fields` and `bailiwick users fields`, beside a quickstart that runs in the same folder."""

from tests.house.commands import told


def test_fields_are_made_filled_in_and_deleted(bailiwick) -> None:
    options = ("--choice", "red", "Red", "--choice", "blue", "Blue", "--default", "red", "--at-sign-up", "--claim", "team")
    made = told(bailiwick("fields", "create", "choices", "Team", *options, "--json"))
    assert (made["slug"], made["default"], made["scope"], made["at_sign_up"]) == ("team", ["red"], "profile", True)
    told(bailiwick("fields", "create", "address", "Home", "--json"))
    assert [each["slug"] for each in told(bailiwick("fields", "list", "--json"))] == ["team", "home"]
    changed = told(bailiwick("fields", "set", "home", "--hint", "Where you live", "--position", "0", "--required", "--json"))
    assert (changed["hint"], changed["position"], changed["required"]) == ("Where you live", 0, True)
    told(bailiwick("users", "create", "--email", "fields@example.com", "--password", "difference engines all the way", "--json"))
    words = ("users", "fields", "fields@example.com")
    assert told(bailiwick(*words, "--json")) == {"team": ["red"]}
    filled = told(bailiwick(*words, "team=red", "team=blue", "home.locality=London", "--json"))
    assert filled == {"home": {"locality": "London"}, "team": ["red", "blue"]}
    assert told(bailiwick(*words, "home.country=UK", "team=", "--json")) == {"home": {"locality": "London", "country": "UK"}}
    refused = bailiwick(*words, "rank=Admiral")
    assert (refused.exit_code, refused.stderr) == (1, "Error: There is no field rank to be filled in here.\n")
    assert bailiwick("fields", "delete", "home", "--yes").stdout == "Home is deleted, with 1 values.\n"
    assert bailiwick("fields", "delete", "team", "--yes").exit_code == 0
    assert bailiwick("fields", "set", "team", "--name", "x").exit_code == 1
