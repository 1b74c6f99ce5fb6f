"""A tenant's letters, for operators: which there are, in whose words; tried before they are used."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.letter_shapes import Letter, LetterKind, LetterKinds, LetterSource, LetterTest, LetterValue, PrintedLetter
from api_service.respond import body, respond
from shared.kit.languages import LANGUAGES
from shared.kit.letterpress import Source
from shared.models.letter import KINDS, Kind
from shared.models.tenant import Tenant
from shared.services import letter_templates, letters, tenants

TAG = "Letters"
PARAMS = (
    listing.ID,
    listing.path("kind", "The kind of letter.", enum=list(KINDS)),
    listing.path("language", "The tag of the language.", enum=list(LANGUAGES)),
)
BODY = (404, 413, 415, 422)


class Letters(MethodView):
    @describe("List letters", tag=TAG, answer=LetterKinds, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """Every kind of letter that people of a tenant get, and in which languages it is the tenant's own."""
        own = [(row.kind, row.language) for row in letter_templates.of(tenants.get(id))]
        return respond(
            LetterKinds(items=[_kind(kind, [tag for name, tag in own if name == kind.name]) for kind in KINDS.values()])
        )


class OneLetter(MethodView):
    @describe("Read a letter", tag=TAG, answer=Letter, params=PARAMS, errors=(404,))
    @operators
    def get(self, id: UUID, kind: str, language: str) -> Response:
        """The templates that are used for readers of this language: the tenant's own, or ours."""
        return respond(_letter(tenants.get(id), letter_templates.kind_called(kind), language))

    @describe("Write a letter", tag=TAG, answer=Letter, takes=LetterSource, params=PARAMS, errors=BODY)
    @operators
    def put(self, id: UUID, kind: str, language: str) -> Response:
        """Use these templates from now on. They are tried first, and refused when they make no letter of this kind."""
        tenant, known, source = tenants.get(id), letter_templates.kind_called(kind), body(LetterSource).model_dump()
        letter_templates.write(tenant, known, language, by=operator(), **source)
        return respond(_letter(tenant, known, language))

    @describe("Reset a letter", tag=TAG, answer=Letter, params=PARAMS, errors=(404,))
    @operators
    def delete(self, id: UUID, kind: str, language: str) -> Response:
        """Use ours again. Answers with the letter as it is now."""
        tenant, known = tenants.get(id), letter_templates.kind_called(kind)
        letter_templates.reset(tenant, known, language, by=operator())
        return respond(_letter(tenant, known, language))


class LetterPreview(MethodView):
    @describe("Try templates", tag=TAG, answer=PrintedLetter, takes=LetterSource, params=PARAMS, errors=BODY)
    @operators
    def post(self, id: UUID, kind: str, language: str) -> Response:
        """The letter that these templates make of sample values. Nothing is kept."""
        source = Source(**body(LetterSource).model_dump())
        printed = letter_templates.preview(tenants.get(id), letter_templates.kind_called(kind), language, source)
        return respond(PrintedLetter(**vars(printed)))


class LetterTests(MethodView):
    @describe("Send a test", tag=TAG, answer=LetterTest, status=202, params=PARAMS, errors=(404,))
    @operators
    def post(self, id: UUID, kind: str, language: str) -> Response:
        """Send the letter with sample values to the operator whose token this is."""
        to = operator().name
        letter_templates.send_test(tenants.get(id), letter_templates.kind_called(kind), language, to=to, by=operator())
        return respond(LetterTest(to=to), 202)


def _kind(kind: Kind, own: list[str]) -> LetterKind:
    values = [LetterValue(name=each.name, means=each.means, optional=each.optional) for each in letters.values_of(kind)]
    return LetterKind(kind=kind.name, title=kind.title, means=kind.means, values=values, own=own)


def _letter(tenant: Tenant, kind: Kind, language: str) -> Letter:
    source = letter_templates.source_of(tenant, kind, language)
    own = letter_templates.find(tenant, kind, language) is not None
    return Letter(kind=kind.name, language=language, own=own, **vars(source))
