"""A mark: something that may be seen once has been seen, by any node and through restarts, until it would be refused anyway."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit.db import db


class Mark(db.Model):
    """`kind` says what it is of, `fingerprint` which one; never the thing itself."""

    __tablename__ = "marks"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
