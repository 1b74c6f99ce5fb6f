"""The authorization server with a password hash that costs nothing."""

from auth_service.wsgi import app
from bench.person import CHEAP
from shared.kit import argon2id

__all__ = ["app"]

argon2id._hasher = CHEAP
