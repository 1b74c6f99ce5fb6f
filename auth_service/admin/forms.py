"""What the dashboard's forms share: a refusal stands beside its field, with what was typed kept."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from flask_wtf import FlaskForm
from wtforms import Field, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length

from shared.kit.errors import AppError, Conflict, Denied, Invalid
from shared.kit.refusals import each_of

Outcome = TypeVar("Outcome")


class Form(FlaskForm):
    """A form that hands what was typed to one verb of a service. `refused` says that it was not done."""

    refused = False

    def submit(self, verb: Callable[[], Outcome]) -> Outcome | None:
        """Call `verb` if the form has the right shape. What it refuses is put beside the field it is about."""
        if not self.validate_on_submit():
            self.refused = True
            return None
        try:
            return verb()
        except (Invalid, Conflict, Denied) as refusal:
            self.refused = True
            self._explain(refusal)
            return None

    def _explain(self, refusal: AppError) -> None:
        if "errors" in refusal.fields:
            for name, words in each_of(refusal):
                self._explain(Invalid(words, field=name))
            return
        field = self._fields.get(str(refusal.fields.get("field")))
        if field is None:
            self.form_errors.append(refusal.message)
            return
        about = refusal.fields.get("uri")
        field.errors = [*field.errors, f"{about}: {refusal.message}" if about and isinstance(field, Lines) else refusal.message]


class Text(StringField):
    """One line of text, without blanks around it and without the character that no database takes."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = (self.data or "").replace("\0", "").strip()


class Lines(Field):
    """Several values under one name: one an input, or one a line of a text area."""

    data: list[str]

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        lines = (line.strip() for value in valuelist for line in str(value).splitlines())
        self.data = list(dict.fromkeys(line for line in lines if line))

    def process_data(self, value: Iterable[str] | None) -> None:
        self.data = list(value or ())


class Json(TextAreaField):
    """JSON, shown in lines; as text it goes to the service, which reads it."""

    def process_data(self, value: object) -> None:
        self.data = json.dumps(value, indent=2, ensure_ascii=False) if value else ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = (self.data or "").strip()


class Several(SelectMultipleField):
    """Any of several things. What is no choice is left to the service to refuse."""

    def pre_validate(self, form: Any) -> None:
        return


class Question(Form):
    """Nothing but the proof that the operator's own page sent it."""


class Reason(Form):
    reason = Text("Reason", [Length(max=500, message="At most 500 characters.")])


class Typed(Form):
    """A confirmation by typing a name."""

    typed = Text("Confirm by typing its name")

    def submit_if(self, name: str, verb: Callable[[], None]) -> None:
        """Call `verb` if `name` was typed."""

        def checked() -> None:
            if self.typed.data != name.strip():
                raise Invalid(f"Type exactly {name}.", field="typed")
            verb()

        self.submit(checked)
