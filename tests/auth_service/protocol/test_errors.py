"""Every error of the protocol says what the operator needs: section, expected, came and mend."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import auth_service.protocol
from auth_service.protocol.errors import ProtocolError

PROTOCOL = Path(auth_service.protocol.__file__).parent
KINDS = {"ProtocolError", "ShownError", "ClientAuthError"}
SAID = {"section", "expected", "came", "mend"}


def raised() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(PROTOCOL.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                yield f"{path.relative_to(PROTOCOL)}:{node.lineno}", node


@pytest.mark.parametrize(("where", "call"), [pytest.param(*each, id=each[0]) for each in raised()])
def test_an_error_names_its_section_and_its_mend(where: str, call: ast.Call) -> None:
    assert {keyword.arg for keyword in call.keywords} >= SAID
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Constant) and keyword.arg in {"section", "mend", "expected"}:
            assert keyword.value.value, f"{where} leaves {keyword.arg} empty"


def test_protocol_raises_no_error_of_authlib_itself() -> None:
    for path in PROTOCOL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
                assert node.exc.func.id in KINDS | {"_refused", "_mismatch", "_invalid", "NotImplementedError"}, path


def test_what_came_is_cut_to_what_can_be_shown() -> None:
    error = ProtocolError("invalid_request", "No.", section="RFC 6749 §3.1", expected="", came="x" * 10_000, mend="")
    assert len(error.came) == 300
