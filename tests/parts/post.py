"""What came by letter: the code or the link in the last letter to somebody."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.parts.world import World

CODE = re.compile(r"^ {4}([A-Z0-9]{6})$", re.MULTILINE)
LINK = re.compile(r"^(http\S+)$", re.MULTILINE)


def letters_to(world: World, email: str) -> list[str]:
    """Every letter to this address so far, oldest first."""
    return [letter for letter in world.letters() if letter.startswith(f"To: {email}\n")]


def code_to(world: World, email: str) -> str:
    """The code in the last letter to this address."""
    found = CODE.search(letters_to(world, email)[-1])
    assert found, letters_to(world, email)[-1]
    return found[1]


def link_to(world: World, email: str) -> str:
    """The path and query of the link in the last letter to this address, which must lead to us."""
    links = [link for link in LINK.findall(letters_to(world, email)[-1]) if "token=" in link]
    assert links and links[0].startswith(f"{world.url}/"), letters_to(world, email)[-1]
    return links[0].removeprefix(world.url)


def token_of(link: str) -> str:
    """The secret in a link."""
    return dict(pair.split("=", 1) for pair in urlsplit(link).query.split("&"))["token"]


@contextmanager
def no_mail(world: World) -> Iterator[None]:
    """Meanwhile no letter can leave."""
    kept = {app: app.extensions["bailiwick.settings"] for app in (world.auth, world.api)}
    try:
        for app, told in kept.items():
            app.extensions["bailiwick.settings"] = told.model_copy(update={"outbox_dir": None, "smtp_url": None})
        yield
    finally:
        for app, told in kept.items():
            app.extensions["bailiwick.settings"] = told
