"""What WTForms itself says about a field, in the language of the reader."""

from shared.kit import languages
from shared.kit.words import said, said_many


class FormWords:
    """The translations that a form asks for (WTForms, `Meta.get_translations`)."""

    def gettext(self, text: str) -> str:
        return languages.find(text, languages.current())

    def ngettext(self, one: str, many: str, num: int) -> str:
        return languages.find_many(one, many, num, languages.current())


# Named here so that `make words` finds them; the numbers are none of anybody's.
KNOWN = (
    said("This field is required."),
    said("Not a valid choice."),
    said("Not a valid integer value."),
    said("Not a valid date value."),
    said("Not a valid datetime value."),
    said("Invalid input."),
    said_many("Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters.", 2, max=2),
    said_many("Field must be at least %(min)d character long.", "Field must be at least %(min)d characters long.", 2, min=2),
    said("Number must be between %(min)s and %(max)s.", min=1, max=2),
    said("Number must be at least %(min)s.", min=1),
    said("Number must be at most %(max)s.", max=2),
)
