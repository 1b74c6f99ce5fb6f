"""The forms of the pages: what must be there and how long it may be. What it means, the services judge."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from auth_service import field_inputs
from auth_service.pages.form_words import FormWords
from shared.kit.errors import AppError, Conflict, Denied, Invalid, TooMany
from shared.kit.refusals import each_of
from shared.kit.words import said
from shared.models.user_field import UserField

TELLABLE = (Invalid, Conflict, Denied, TooMany)


def plain_text(form: FlaskForm, field: Field) -> None:
    """No control character, which no database or letter wants."""
    if any(ord(letter) < 32 for letter in field.data or ""):
        raise ValidationError(said("This has a character that cannot be used here."))


def trimmed(text: str | None) -> str:
    return (text or "").strip()


class Form(FlaskForm):
    """A form that can be shown again with what is wrong with it."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: FlaskForm) -> FormWords:
            return FormWords()

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

    def _tell(self, error: AppError) -> None:
        self.status, self.retry_after = error.status, getattr(error, "retry_after", None)
        for name, words in each_of(error):
            self._say(name, words)

    def _say(self, name: str, words: str) -> None:
        if name in self._fields:
            self._fields[name].errors = self._fields[name].errors or [words]
        elif words:
            self.form_errors.append(words)

    @property
    def wrong(self) -> list[Field]:
        """The fields that are refused, in their order."""
        return [field for field in self if field.errors]


class Fielded(Form):
    """A form that `bound` adds fields to. What was typed has them under `fields`, by slug."""

    user_fields: list[tuple[UserField, Any]]
    # Judges what was typed into a form of which something is missing, so that all that is wrong with it is told at once.
    judge: Callable[[], None]

    def typed(self) -> dict[str, Any]:
        asked = {input_.name for _, input_ in self.user_fields}
        try:
            rest = {name: value for name, value in super().typed().items() if name not in asked}
        except Invalid:
            self.judge()
            raise
        return {**rest, "fields": field_inputs.typed(self)}


class LoginForm(Form):
    email = StringField(
        said("E-mail address"),
        filters=[trimmed],
        validators=[InputRequired(said("Type your e-mail address.")), Length(max=320), plain_text],
    )
    password = PasswordField(said("Password"), validators=[InputRequired(said("Type your password.")), Length(max=1000)])


class SignUpForm(Fielded):
    name = StringField(said("Name"), filters=[trimmed], validators=[Length(max=200), plain_text])
    email = StringField(
        said("E-mail address"),
        filters=[trimmed],
        validators=[InputRequired(said("Type your e-mail address.")), Length(max=320), plain_text],
    )
    password = PasswordField(said("Password"), validators=[InputRequired(said("Choose a password.")), Length(max=1000)])


class InvitedForm(Fielded):
    name = StringField(said("Name"), filters=[trimmed], validators=[Length(max=200), plain_text])
    password = PasswordField(said("Password"), validators=[InputRequired(said("Choose a password.")), Length(max=1000)])


class AddressForm(Form):
    email = StringField(
        said("E-mail address"),
        filters=[trimmed],
        validators=[InputRequired(said("Type your e-mail address.")), Length(max=320), plain_text],
    )


class JoiningForm(Fielded):
    name = StringField(said("Name"), filters=[trimmed], validators=[Length(max=200), plain_text])
    email = StringField(
        said("E-mail address"),
        filters=[trimmed],
        validators=[InputRequired(said("Type your e-mail address.")), Length(max=320), plain_text],
    )


class NameForm(Fielded):
    name = StringField(said("Name"), filters=[trimmed], validators=[Length(max=200), plain_text])


class PasswordForm(Form):
    password = PasswordField(said("New password"), validators=[InputRequired(said("Choose a password.")), Length(max=1000)])


class CodeForm(Form):
    code = StringField(
        said("Code"),
        filters=[trimmed],
        validators=[InputRequired(said("Type the code from the e-mail.")), Length(max=12), plain_text],
    )


class FactorCodeForm(Form):
    code = StringField(
        said("Code"), filters=[trimmed], validators=[InputRequired(said("Type the code.")), Length(max=40), plain_text]
    )


class FactorNameForm(Form):
    name = StringField(
        said("Name"), filters=[trimmed], validators=[InputRequired(said("Give it a name.")), Length(max=200), plain_text]
    )


class OthersForm(Form):
    """A change of what guards the account, and whether the other sessions end with it."""

    others = BooleanField(said("End every other session too"))


class PasskeyForm(Form):
    """What the authenticator answered, as its script wrote it."""

    credential = HiddenField(validators=[InputRequired(said("Your browser sent no passkey.")), Length(max=20000)])


class NewPasskeyForm(OthersForm, PasskeyForm):
    name = StringField(said("Name"), filters=[trimmed], validators=[Length(max=200), plain_text])


class NewAppForm(OthersForm):
    """The app that is being added is in the sealed ticket; what it shows confirms it."""

    code = StringField(
        said("Code that the app shows"),
        filters=[trimmed],
        validators=[InputRequired(said("Type the six digits that the app shows.")), Length(max=20), plain_text],
    )
    name = StringField(said("Name"), filters=[trimmed], validators=[Length(max=200), plain_text])
    ticket = HiddenField(validators=[Length(max=1000)])


class DeviceForm(Form):
    user_code = StringField(
        said("Code on the device"),
        filters=[trimmed],
        validators=[InputRequired(said("Type the code that the device shows.")), Length(max=40), plain_text],
    )


class DecisionForm(Form):
    """A page whose buttons are the answer: `decision` is the value of the one pressed."""

    decision = StringField()
