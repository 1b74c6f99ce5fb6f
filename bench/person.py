"""Who lives in the installation that is measured."""

from dataclasses import dataclass

from argon2 import PasswordHasher

PASSWORD = "correct horse battery staple"
REDIRECT_URI = "https://app.example/callback"
SCOPES = ["openid", "profile", "email", "offline_access"]
# A password hash that costs nothing, to measure the rest of a login.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class Person:
    """Someone with the application that they use, to which they have consented; `path` is that of their tenant."""

    path: str
    email: str
    client_id: str
    secret: str
    cheap: bool = False
    password: str = PASSWORD
    redirect_uri: str = REDIRECT_URI
