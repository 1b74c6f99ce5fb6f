"""Every error becomes a page or JSON here, and nowhere else."""

from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from shared.kit import log, origin
from shared.kit.errors import AppError, NotFound, TooMany, Unavailable
from shared.kit.faults import PARTS_GONE, ROWS_GONE
from shared.kit.words import said
from shared.web import tenancy
from shared.web.problem import problem

# For a fault of ours RFC 6749 has words in §4.1.2.1 only.
DATA_ERRORS = {503: "temporarily_unavailable"}
WORDS = {
    400: said("The request could not be understood."),
    404: said("There is nothing at this address."),
    405: said("This address does not take that kind of request."),
    413: said("What was sent is too large. Go back, and send less."),
    429: said("Too many requests. Please wait a moment and try again."),
}


def init_app(app: Flask, *, pages: bool) -> None:
    """Answer every error of `app`: as a page when it has `pages` and the asker reads them, else as problem details (RFC 9457)."""
    app.config["ERROR_PAGES"] = pages
    app.register_error_handler(AppError, _told)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    for gone in PARTS_GONE:
        app.register_error_handler(gone, _part_gone)
    for gone in ROWS_GONE:
        app.register_error_handler(gone, _row_gone)
    app.register_error_handler(Exception, _unforeseen)


def for_programs(app: Flask, *paths: str) -> None:
    """Answer errors at these paths, and below those that end in a slash, as data whatever the asker says that it reads."""
    app.config["ERROR_DATA"] = paths


def answer(status: int, message: str, *, code: str, title: str | None = None, **more: object) -> ResponseReturnValue:
    """The error as the asker reads it."""
    request_id = origin.current().request_id
    if _is_for_programs():
        # What OAuth clients look at (RFC 6749 §5.2).
        more["error"] = DATA_ERRORS.get(status, "server_error" if status >= 500 else "invalid_request")
    if _is_for_programs() or not (current_app.config["ERROR_PAGES"] and _reads_pages()):
        return problem(status, message, code=code, request_id=request_id, **more)
    page = render_template(
        "error.html",
        status=status,
        title=title,
        message=message,
        code=code,
        request_id=request_id,
        tenant=tenancy.known_tenant(),
        details=more,
    )
    return make_response(page, status, {"Cache-Control": "no-store"})


def _is_for_programs() -> bool:
    paths: tuple[str, ...] = current_app.config.get("ERROR_DATA", ())
    return request.path in paths or request.path.startswith(tuple(path for path in paths if path.endswith("/")))


def _reads_pages() -> bool:
    accepts = request.accept_mimetypes
    return accepts["text/html"] >= accepts["application/json"]


def _told(error: AppError) -> ResponseReturnValue:
    response = make_response(answer(error.status, error.message, code=error.code, **_public(error)))
    return _retry(response, error) if isinstance(error, TooMany | Unavailable) else response


def _public(error: AppError) -> dict[str, Any]:
    return {name: value for name, value in error.fields.items() if isinstance(value, str | int | list)}


def _retry(response: Response, error: TooMany | Unavailable) -> Response:
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    return answer(
        400,
        said("This form is too old, or was not sent from here. Open the page again, and send it once more."),
        code="stale_form",
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    response = make_response(
        answer(error.code, WORDS.get(error.code, error.name + "."), code=error.name.lower().replace(" ", "_"))
    )
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _part_gone(error: Exception) -> ResponseReturnValue:
    log.get().error("part.gone", part=type(error).__module__.split(".")[0], error=type(error).__name__)
    return _told(Unavailable(said("A part that this needs does not answer just now. Please try again in a moment.")))


def _row_gone(error: Exception) -> ResponseReturnValue:
    return _told(NotFound(said("What this was about is not there any more.")))


def _unforeseen(error: Exception) -> ResponseReturnValue:
    log.get().exception("request.failed", path=request.path)
    return answer(500, said("The fault is ours. It has been written down under the number below."), code="server_error")
