"""Choosing the language of the pages."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import reader, visitor
from shared.kit.languages import LANGUAGES


class Choice(MethodView):
    def post(self) -> ResponseReturnValue:
        language = request.form.get("language", "")
        if language not in LANGUAGES:
            abort(400)
        reader.choose(language)
        return redirect(visitor.local(request.form.get("back", "")) or url_for("pages.root"), 303)
