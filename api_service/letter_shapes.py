"""What the API of operators sends and takes about letters, and about the outbox that carries them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api_service.admin_shapes import Id, Page
from api_service.shapes import Answer

SOURCE = {
    "subject": "Your code for {{ tenant }}",
    "text": "Your code is {{ code }}",
    "html": '{% extends "base.html" %}{% block heading %}Your code{% endblock %}',
}
KIND = {
    "kind": "email_code",
    "title": "Verify an address",
    "means": "Brings the code that proves that an address is one's own.",
    "values": [{"name": "code", "means": "The code", "optional": False}],
    "own": ["en"],
}
LETTER = {"kind": "email_code", "language": "en", "own": True, **SOURCE}
MESSAGE = {
    "id": "0199f3c2-1111-7aaa-8bbb-0123456789ab",
    "kind": "mail",
    "letter": "recovery",
    "to": "ada@example.com",
    "attempts": 3,
    "failed": False,
    "last_error": "TimeoutError: timed out",
    "created_at": "2026-11-23T17:00:00Z",
    "due_at": "2026-11-23T17:00:20Z",
}


class LetterValue(Answer):
    """What a template of a letter can say."""

    name: Annotated[str, Field(description="Its name: `{{ code }}` stands for `code`.")]
    means: Annotated[str, Field(description="What it is.")]
    optional: Annotated[bool, Field(description="Whether it may be empty.")]


class LetterKind(Answer):
    """A kind of letter."""

    kind: Annotated[str, Field(description="Its name.")]
    title: Annotated[str, Field(description="What operators call it.")]
    means: Annotated[str, Field(description="What it is for.")]
    values: Annotated[list[LetterValue], Field(description="What its templates can say.")]
    own: Annotated[list[str], Field(description="The languages in which the tenant has its own.")]


class LetterKinds(Answer):
    """Every kind of letter."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [KIND]}]})

    items: list[LetterKind]


class LetterSource(BaseModel):
    """The templates of a letter. What they may hold is said in the dashboard, and by whatever is refused."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [SOURCE]})

    subject: Annotated[str, Field(max_length=1000, description="One line; it holds no code.")]
    text: Annotated[str, Field(max_length=32_000, description="The letter as text.")]
    html: Annotated[str, Field(max_length=32_000, description="The letter as HTML; its values are escaped.")]


class Letter(Answer):
    """A letter of one kind in one language: the tenant's own templates, or ours."""

    model_config = ConfigDict(json_schema_extra={"examples": [LETTER]})

    kind: Annotated[str, Field(description="The name of its kind.")]
    language: Annotated[str, Field(description="The tag of its language (BCP 47).")]
    own: Annotated[bool, Field(description="Whether it is the tenant's own.")]
    subject: Annotated[str, Field(description="The template of the subject.")]
    text: Annotated[str, Field(description="The template of the text.")]
    html: Annotated[str, Field(description="The template of the HTML.")]


class PrintedLetter(Answer):
    """A letter as it would be sent, with sample values."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"subject": "Hello", "text": "Your code is 4KD7XM", "html": "<p>…"}]}
    )

    subject: str
    text: str
    html: str


class LetterTest(Answer):
    """A letter with sample values that is on its way."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "grace@example.com"}]})

    to: Annotated[str, Field(description="The operator's own address.")]


class Message(Answer):
    """What is on its way to somebody, or failed. What it says is sealed, and shown to nobody."""

    model_config = ConfigDict(json_schema_extra={"examples": [MESSAGE]})

    id: Annotated[Id, Field(description="Its id in this API.")]
    kind: Annotated[str, Field(description="`mail`, or what else is carried.")]
    letter: Annotated[str | None, Field(description="The kind of the letter.")] = None
    to: Annotated[str | None, Field(description="The address that the letter goes to.")] = None
    attempts: Annotated[int, Field(description="How often it was tried.")]
    failed: Annotated[bool, Field(description="Whether it is tried no more unless told to.")]
    last_error: Annotated[str | None, Field(description="Why it did not leave the last time.")] = None
    created_at: Annotated[datetime, Field(description="When it was put in.")]
    due_at: Annotated[datetime, Field(description="When it is tried next, unless it failed.")]


class Messages(Page):
    """Messages of the outbox, newest first, and how many there are of each state."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [MESSAGE], "waiting": 1, "failed": 0, "delivered": 12}]})

    items: list[Message]
    waiting: Annotated[int, Field(description="How many wait.")]
    failed: Annotated[int, Field(description="How many failed.")]
    delivered: Annotated[int, Field(description="How many were delivered in the last seven days.")]


SENT = (LetterValue, LetterKind, LetterKinds, Letter, PrintedLetter, LetterTest, Message, Messages)
TAKEN = (LetterSource,)
