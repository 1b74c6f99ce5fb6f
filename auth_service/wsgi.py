"""What gunicorn loads: auth_service.wsgi:app."""

from auth_service import create_app
from shared.kit import languages, settings

app = create_app(settings.load())
# Before the workers part: they share the texts, and no reader waits for them.
languages.load()
