"""What went wrong in the dashboard, told inside its frame."""

from http import HTTPStatus

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from shared.kit import origin
from shared.kit.errors import AppError, Conflict, Denied, Invalid, NotFound


def init(bp: Blueprint) -> None:
    """Tell the errors that an operator can do something about; the others are told as everywhere."""
    for told in (NotFound, Denied, Invalid, Conflict):
        bp.register_error_handler(told, _told)
    bp.register_error_handler(CSRFError, _stale_form)


def _told(error: AppError) -> ResponseReturnValue:
    return _page(error.status, error.message)


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    return _page(400, "This form is too old, or was not sent from here. Open the page again, and send it once more.")


def _page(status: int, message: str) -> ResponseReturnValue:
    title, request_id = HTTPStatus(status).phrase, origin.current().request_id
    return render_template("admin/error.html", title=title, status=status, message=message, request_id=request_id), status
