"""Letters of a tenant: which there are, in whose words and name; tried before they are used, and ours again when asked."""

from typing import Any
from uuid import UUID

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from wtforms import SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired

from auth_service.admin.forms import Form, Question, Text
from auth_service.admin.gate import operator
from shared.kit import settings
from shared.kit.errors import Invalid
from shared.kit.languages import ENGLISH, LANGUAGES
from shared.kit.letterpress import Source
from shared.models.letter import COMMON, KINDS, Kind
from shared.models.tenant import Tenant
from shared.services import letter_templates, tenants
from shared.web import headers

# A letter has its styles within it, as mail programs want them. It runs nothing, loads nothing and is of no origin.
ALONE = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
SPOKEN = [SelectChoice("", "English"), *(SelectChoice(tag, each.name) for tag, each in LANGUAGES.items() if tag != ENGLISH)]


class LetterForm(Form):
    subject = Text("Subject", [DataRequired("Give it a subject.")])
    text = TextAreaField("Text")
    html = TextAreaField("HTML")

    def source(self) -> Source:
        """The templates as they were typed."""
        return Source(*(str(field.data or "").replace("\r\n", "\n") for field in (self.subject, self.text, self.html)))


class SenderForm(Form):
    mail_name = Text("Name")
    mail_from = Text("Address")
    language = SelectField("Language", choices=SPOKEN)

    def changes(self) -> dict[str, Any]:
        """What `tenants.update` takes."""
        return {name: self[name].data or None for name in ("mail_name", "mail_from", "language")}


class Letters(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        tenant = tenants.get(id)
        own = {(row.kind, row.language) for row in letter_templates.of(tenant)}
        chosen = request.args.get("language", "")
        language = chosen if chosen in LANGUAGES else tenant.language or ENGLISH
        return render_template(
            "admin/letters.html",
            own=own,
            kinds=KINDS.values(),
            installation=settings.current(),
            tenant_language=LANGUAGES[tenant.language or ENGLISH],
            **_shown(tenant, language),
        )


class Sender(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        tenant = tenants.get(id)
        return _sender_page(tenant, SenderForm(obj=tenant))

    def post(self, id: UUID) -> ResponseReturnValue:
        tenant, form = tenants.get(id), SenderForm()
        form.submit(lambda: tenants.update(tenant, **form.changes(), by=operator()))
        if form.refused:
            return _sender_page(tenant, form), 422
        flash("Updated.", "success")
        return redirect(url_for("admin.letters", id=tenant.id))


class OneLetter(MethodView):
    def get(self, id: UUID, kind: str, language: str) -> ResponseReturnValue:
        tenant, known = tenants.get(id), letter_templates.kind_called(kind)
        own = letter_templates.find(tenant, known, language)
        try:
            printed, broken = letter_templates.preview(tenant, known, language), None
        except Invalid as error:
            printed, broken = None, error.message
        headers.may_frame(["'self'"])
        return render_template(
            "admin/letter.html", kind=known, own=own, printed=printed, broken=broken, form=Question(), **_shown(tenant, language)
        )


class EditedLetter(MethodView):
    def get(self, id: UUID, kind: str, language: str) -> ResponseReturnValue:
        tenant, known = tenants.get(id), letter_templates.kind_called(kind)
        source = letter_templates.source_of(tenant, known, language)
        return _edit_page(tenant, known, language, LetterForm(obj=source))

    def post(self, id: UUID, kind: str, language: str) -> ResponseReturnValue:
        tenant, known, form = tenants.get(id), letter_templates.kind_called(kind), LetterForm()
        typed = vars(form.source())
        form.submit(lambda: letter_templates.write(tenant, known, language, **typed, by=operator()))
        if form.refused:
            return _edit_page(tenant, known, language, form), 422
        flash("This letter is now in your words.", "success")
        return redirect(_address(tenant, known, language))


class Preview(MethodView):
    """The letter alone, as it is used or, posted, as it stands in the form."""

    def get(self, id: UUID, kind: str, language: str) -> ResponseReturnValue:
        return _alone(letter_templates.preview(tenants.get(id), letter_templates.kind_called(kind), language).html)

    def post(self, id: UUID, kind: str, language: str) -> ResponseReturnValue:
        tenant, known = tenants.get(id), letter_templates.kind_called(kind)
        try:
            return _alone(letter_templates.preview(tenant, known, language, LetterForm().source()).html)
        except Invalid as error:
            return _alone(render_template("admin/letter_broken.html", error=error))


class TestLetter(MethodView):
    def post(self, id: UUID, kind: str, language: str) -> ResponseReturnValue:
        tenant, known = tenants.get(id), letter_templates.kind_called(kind)
        letter_templates.send_test(tenant, known, language, to=g.operator.email, by=operator())
        flash(f"A test is on its way to {g.operator.email}.", "success")
        return redirect(_address(tenant, known, language))


class ResetLetter(MethodView):
    def get(self, id: UUID, kind: str, language: str) -> ResponseReturnValue:
        tenant, known = tenants.get(id), letter_templates.kind_called(kind)
        letter_templates.find(tenant, known, language)
        return render_template("admin/letter_reset.html", kind=known, form=Question(), **_shown(tenant, language))

    def post(self, id: UUID, kind: str, language: str) -> ResponseReturnValue:
        tenant, known = tenants.get(id), letter_templates.kind_called(kind)
        letter_templates.reset(tenant, known, language, by=operator())
        flash("This letter is in our words again.", "success")
        return redirect(_address(tenant, known, language))


def _shown(tenant: Tenant, language: str) -> dict[str, Any]:
    return {"tenant": tenant, "reader": LANGUAGES[language]}


def _address(tenant: Tenant, kind: Kind, language: str) -> str:
    return url_for("admin.letter", id=tenant.id, kind=kind.name, language=language)


def _sender_page(tenant: Tenant, form: SenderForm) -> str:
    return render_template("admin/letters_sender.html", tenant=tenant, form=form, installation=settings.current())


def _edit_page(tenant: Tenant, kind: Kind, language: str, form: LetterForm) -> str:
    headers.may_frame(["'self'"])
    own = letter_templates.find(tenant, kind, language)
    return render_template("admin/letter_edit.html", kind=kind, own=own, form=form, common=COMMON, **_shown(tenant, language))


def _alone(html: str) -> Response:
    response = make_response(html)
    response.headers["Content-Security-Policy"] = ALONE
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
