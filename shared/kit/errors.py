"""The errors that services raise; the web turns each into a page or JSON in one place."""


class AppError(Exception):
    """Something the caller can be told. `message` is for people; `fields` says more, for example which form field it is about."""

    status = 500
    code = "error"

    def __init__(self, message: str, **fields: object) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class Invalid(AppError):
    """What was sent does not make sense; `field=` names the form field."""

    status = 422
    code = "invalid"


class NotSignedIn(AppError):
    """Nobody is signed in at this browser, and somebody must be."""

    status = 401
    code = "not_signed_in"


class Denied(AppError):
    """The asker is known and may not do this."""

    status = 403
    code = "denied"


class NotFound(AppError):
    """There is no such thing here."""

    status = 404
    code = "not_found"


class Conflict(AppError):
    """It clashes with what is there."""

    status = 409
    code = "conflict"


class TooMany(AppError):
    """Too many tries; `retry_after` says in how many seconds the next one counts."""

    status = 429
    code = "too_many"

    def __init__(self, message: str, retry_after: int, **fields: object) -> None:
        super().__init__(message, **fields)
        self.retry_after = retry_after


class Unavailable(AppError):
    """A part this needs does not answer now; trying again later helps."""

    status = 503
    code = "unavailable"
    retry_after = 2
