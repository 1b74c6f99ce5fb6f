"""What gunicorn loads: auth_service.wsgi:app."""

from auth_service import create_app
from shared.kit import settings

app = create_app(settings.load())
