"""Every check is a named thing: of whatever is refused the operator learns the section, what was due, what came, the mend."""

import ast
import re
from pathlib import Path

import pytest

import auth_service.protocol
import shared.web
from auth_service.protocol.errors import ClientAuthError, ProtocolError
from auth_service.protocol.steps import STEPS
from tests.house.protocol_errors import DYNAMIC, House, Module, Raised

PROTOCOL = Path(auth_service.protocol.__file__).parent
PROOFS = sorted(Path(shared.web.__file__).parent.glob("dpop*.py"))
HOUSE = House(PROTOCOL, *PROOFS)
ERRORS = HOUSE.errors()
FACTS = {"section", "expected", "came", "mend"}

SPEC = (
    r"(?:draft-[a-z-]+|RFC \d{4}|OpenID Connect [A-Z]\w+(?: 1\.0)?|[A-Z][\w-]+(?: [A-Z][\w-]+)* 1\.0"
    r"|OAuth Multiple Response Types|FAPI 2\.0 \w+ \w+)"
)
PLACE = r"(?:§\d+(?:\.\d+)*(?: ?\(\d+\))?|Appendix [A-Z])"
SECTION = re.compile(rf"{SPEC} {PLACE}(?:[,;] (?:{SPEC} )?{PLACE})*")
# RFC 6749 §4.1.2.1, §5.2.
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")

# The registries: OAuth Extensions Errors and what RFC 6749, 7591 and OpenID define, each with where it may be said.
REGISTERED = {
    *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"),
    *("access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable"),  # RFC 6749 §4.1.2.1, §5.2
    *("invalid_token", "insufficient_scope"),  # RFC 6750 §3.1
    "unsupported_token_type",  # RFC 7009 §2.2.1
    *(
        "invalid_redirect_uri",
        "invalid_client_metadata",
        "invalid_software_statement",
        "unapproved_software_statement",
    ),  # RFC 7591
    *("authorization_pending", "slow_down", "expired_token"),  # RFC 8628 §3.5
    "invalid_target",  # RFC 8707 §2
    *("invalid_dpop_proof", "use_dpop_nonce"),  # RFC 9449 §12.2
    "insufficient_user_authentication",  # RFC 9470 §3
    *("interaction_required", "login_required", "account_selection_required", "consent_required"),  # OpenID Connect Core §3.1.2.6
    *("invalid_request_uri", "invalid_request_object", "request_not_supported", "request_uri_not_supported"),
    "registration_not_supported",
    "unmet_authentication_requirements",  # OpenID Connect Core Error Code unmet_authentication_requirements 1.0
}


def named(errors: list[Raised]) -> list[object]:
    return [pytest.param(error, id=error.where) for error in errors]


def test_the_walk_finds_them() -> None:
    assert len(ERRORS) > 50


@pytest.mark.parametrize("error", named(ERRORS))
def test_an_error_has_all_four_facts(error: Raised) -> None:
    assert error.texts.keys() >= FACTS
    assert all(error.texts["section"]) and all(error.texts["mend"])
    assert any(error.texts["expected"]) and any(error.texts["came"])


@pytest.mark.parametrize("error", named(ERRORS))
def test_its_section_is_one_of_a_specification(error: Raised) -> None:
    for section in error.texts["section"]:
        assert SECTION.fullmatch(section), section


@pytest.mark.parametrize("error", named(ERRORS))
def test_its_mend_is_a_sentence(error: Raised) -> None:
    for mend in error.texts["mend"]:
        assert re.fullmatch(r"[A-Z].{8,}\.", mend, re.DOTALL), mend


@pytest.mark.parametrize("error", named(ERRORS))
def test_its_code_is_registered(error: Raised) -> None:
    said = set(error.texts.get("error", [])) - {DYNAMIC}
    assert said <= REGISTERED, said - REGISTERED


def test_a_code_that_only_a_request_decides_is_registered_too() -> None:
    """prompt=none is answered with the code of the step that it forbids."""
    assert {error.where.partition(":")[0] for error in ERRORS if DYNAMIC in error.texts.get("error", [])} <= {"authorize.py"}
    assert {step.error for step in STEPS} <= REGISTERED


@pytest.mark.parametrize("error", named(ERRORS))
def test_its_words_may_be_sent(error: Raised) -> None:
    """RFC 6749 §4.1.2.1, §5.2: no quotes, no backslashes, nothing but ASCII."""
    for words in error.texts["description"]:
        assert DESCRIPTION.fullmatch(words), words


def test_whatever_raises_one_is_named_for_what_it_proves() -> None:
    """A check says so in its name; what else refuses says in its docstring which section makes it."""
    nameless = [
        f"{module.path.name}:{node.lineno} {function.name}"
        for module, function, node in HOUSE.raising()
        if not re.search(rf"{PLACE}|§", ast.get_docstring(function) or "")
    ]
    assert nameless == []


def test_the_protocol_raises_no_error_of_another_making() -> None:
    """Those of Authlib, Flask and Werkzeug carry none of the four."""
    others = [
        f"{module.path.name}:{node.lineno}"
        for module in HOUSE.modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Raise | ast.Call) and foreign(module) & called(node)
    ]
    assert others == []


def foreign(module: Module) -> set[str]:
    """What a module has from those libraries that ends a request."""
    imports = [node for node in module.tree.body if isinstance(node, ast.ImportFrom)]
    theirs = [node for node in imports if re.match(r"authlib|flask|werkzeug", node.module or "")]
    return {each.name for node in theirs for each in node.names if re.search(r"Error$|Exception$|^abort$", each.name)}


def called(node: ast.Raise | ast.Call) -> set[str]:
    """What is raised, or called to raise."""
    made = node.exc if isinstance(node, ast.Raise) else node
    function = made.func if isinstance(made, ast.Call) else made
    return {function.id} if isinstance(function, ast.Name) else set()


BROKEN = """
from auth_service.protocol.errors import ProtocolError

MENDS = {"a": ("invalid_request", "no sentence")}

def raises(params):
    error, mend = MENDS[params]
    raise _made(error, "A \\"word\\".", mend, "")

def _made(error, words, mend, section):
    return ProtocolError(error or "made_up", words, section=section or "somewhere", expected="", came=error, mend=mend)
"""


def test_an_error_that_says_too_little_is_caught(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(BROKEN)
    house = House(tmp_path)
    [error] = house.errors()
    assert error.texts == {
        "error": ["invalid_request", "made_up"],
        "description": ['A "word".'],
        "section": ["", "somewhere"],
        "expected": [""],
        "came": ["invalid_request"],
        "mend": ["no sentence"],
    }
    assert [function.name for _, function, _ in house.raising()] == ["raises"]


def test_what_came_is_cut_to_what_can_be_shown() -> None:
    error = ProtocolError("invalid_request", "No.", section="RFC 6749 §3.1", expected="", came="x" * 10_000, mend="")
    assert len(error.came) == 300


def test_who_does_not_prove_who_it_is_gets_a_401() -> None:
    """RFC 6749 §5.2."""
    error = ClientAuthError("No.", section="RFC 6749 §5.2", expected="", came="", mend="")
    assert (error.error, error.status_code) == ("invalid_client", 401)
