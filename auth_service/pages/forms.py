"""The forms of the pages: what must be there and how long it may be. What it means, the services judge."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from shared.kit.errors import Conflict, Denied, Invalid, TooMany

TELLABLE = (Invalid, Conflict, Denied, TooMany)


def plain_text(form: FlaskForm, field: Field) -> None:
    """No control character, which no database or letter wants."""
    if any(ord(letter) < 32 for letter in field.data or ""):
        raise ValidationError("This has a character that cannot be used here.")


def trimmed(text: str | None) -> str:
    return (text or "").strip()


class Form(FlaskForm):
    """A form that can be shown again with what is wrong with it."""

    status = 200
    retry_after: int | None = None

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Errors that the person can mend are told in the form; the code after the block shows it again."""
        try:
            yield
        except TELLABLE as error:
            self._tell(error)

    def typed(self) -> dict[str, Any]:
        """What was typed, by field. Raises Invalid when a field is missing or too long."""
        if not self.validate():
            raise Invalid("")
        return {field.name: field.data for field in self if field.name != "csrf_token"}

    def _tell(self, error: Invalid | Conflict | Denied | TooMany) -> None:
        self.status, self.retry_after = error.status, getattr(error, "retry_after", None)
        name = error.fields.get("field")
        if name in self._fields:
            self._fields[name].errors = [error.message]
        elif error.message:
            self.form_errors.append(error.message)


class LoginForm(Form):
    email = StringField(
        "E-mail address",
        filters=[trimmed],
        validators=[InputRequired("Type your e-mail address."), Length(max=320), plain_text],
    )
    password = PasswordField("Password", validators=[InputRequired("Type your password."), Length(max=1000)])


class SignUpForm(Form):
    name = StringField("Name", filters=[trimmed], validators=[Length(max=200), plain_text])
    email = StringField(
        "E-mail address",
        filters=[trimmed],
        validators=[InputRequired("Type your e-mail address."), Length(max=320), plain_text],
    )
    password = PasswordField("Password", validators=[InputRequired("Choose a password."), Length(max=1000)])


class NameForm(Form):
    name = StringField("Name", filters=[trimmed], validators=[Length(max=200), plain_text])


class PasswordForm(Form):
    password = PasswordField("New password", validators=[InputRequired("Choose a password."), Length(max=1000)])


class CodeForm(Form):
    code = StringField(
        "Code", filters=[trimmed], validators=[InputRequired("Type the code from the letter."), Length(max=12), plain_text]
    )


class DeviceForm(Form):
    user_code = StringField(
        "Code on the device",
        filters=[trimmed],
        validators=[InputRequired("Type the code that the device shows."), Length(max=40), plain_text],
    )


class DecisionForm(Form):
    """A page whose buttons are the answer: `decision` is the value of the one pressed."""

    decision = StringField()
