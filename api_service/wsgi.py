"""What gunicorn loads: api_service.wsgi:app."""

from api_service import create_app
from shared.kit import settings

app = create_app(settings.load())
