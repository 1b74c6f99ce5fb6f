"""The forms of the pages about oneself."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from auth_service.pages.forms import Form, plain_text, trimmed
from shared.kit.errors import Invalid
from shared.kit.words import said
from shared.models.user import fold


class EmailForm(Form):
    email = StringField(
        said("New e-mail address"),
        filters=[trimmed],
        validators=[InputRequired(said("Type the new e-mail address.")), Length(max=320), plain_text],
    )


class DeletionForm(Form):
    """The e-mail address of the account is typed as the word that deletes it."""

    confirmation = StringField(
        said("Your e-mail address"),
        filters=[trimmed],
        validators=[InputRequired(said("Type the e-mail address of this account.")), Length(max=320), plain_text],
    )

    def check(self, email: str) -> None:
        """Raise Invalid unless it was typed."""
        if fold(self.typed()["confirmation"]) != fold(email):
            raise Invalid(said("This is not the e-mail address of this account."), field="confirmation")
