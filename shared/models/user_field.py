"""A user field: what a tenant asks of its people besides name and e-mail address."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import Folded, db

# Who fills fields in: whoever makes an account, its person later on, and operators.
SIGN_UP, ACCOUNT, OPERATOR = "sign_up", "account", "operator"
# What a field is called in forms, in errors and on the command line. No setting of the account begins so.
PREFIX = "fields."


class UserField(db.Model):
    __tablename__ = "user_fields"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug", name="uq_user_fields_slug"),
        UniqueConstraint("tenant_id", "claim", name="uq_user_fields_claim"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(Folded)
    name: Mapped[str] = mapped_column(String(200))
    hint: Mapped[str] = mapped_column(String(500), default="")
    kind: Mapped[str] = mapped_column(String(20))
    # Of a choice: each value, and how a person reads it.
    choices: Mapped[list[list[str]]] = mapped_column(default=list)
    required: Mapped[bool] = mapped_column(default=False)
    # {"value": …}, or nothing.
    preset: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at_sign_up: Mapped[bool] = mapped_column(default=False)
    editable: Mapped[bool] = mapped_column(default=True)
    # The claim that it becomes, and the scope that releases it; without a claim only applications of the first party see it.
    claim: Mapped[str | None] = mapped_column(String(100))
    scope: Mapped[str | None] = mapped_column(String(100))
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    @property
    def input_name(self) -> str:
        """What it is called where it is filled in."""
        return f"{PREFIX}{self.slug}"

    @property
    def default(self) -> Any:
        """The value of an account that was made without one, or None."""
        return self.preset.get("value")

    @property
    def private(self) -> bool:
        """Whether operators alone fill it in."""
        return not (self.at_sign_up or self.editable)

    def lacks(self, value: Any) -> bool:
        """Whether `value` does not do for a field that is required: a box must be ticked."""
        return value is not True if self.kind == "boolean" else value in (None, "", [], {})

    def label_of(self, choice: str) -> str:
        """How a person reads one of its choices; one that is offered no longer is read as it is kept."""
        return next((label for value, label in self.choices if value == choice), choice)
