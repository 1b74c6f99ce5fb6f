"""Signing keys of a tenant: made on first use, published before they sign, retired after their last token is dead, or revoked."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from joserfc.jwk import ECKey, Key, RSAKey
from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from shared.kit import clock, ids, seal
from shared.kit.db import db, transaction
from shared.kit.errors import Invalid, NotFound
from shared.models.audit import Actor
from shared.models.client import ALGORITHMS
from shared.models.key import SigningKey
from shared.models.tenant import Tenant
from shared.services import audit

# Every verifier has fetched the JWKS again before a scheduled key signs.
PUBLISHED_AHEAD = timedelta(days=1)
SIGNS_FOR = timedelta(days=90)
# Longer than any token we sign lives.
KEPT_AFTER = timedelta(days=2)
# How long a worker trusts what it has read: what another worker revokes signs nothing here a second later.
READ_AGAIN = timedelta(seconds=0.5)
# How long the row of a revoked key stays. Copies of the JWKS that still have it are kept for a day at most.
REMEMBERED = timedelta(days=90)


@dataclass(frozen=True)
class Ring:
    """The keys of a tenant as one worker read them: private keys by algorithm, and the public JWK set."""

    read_at: datetime
    signing: dict[str, Key]
    jwks: dict[str, Any]


_rings: dict[UUID, Ring] = {}
_opened: dict[str, Key] = {}


def jwks(tenant: Tenant) -> dict[str, Any]:
    """The public JWK set (RFC 7517 §5), with a key of every algorithm we sign with."""
    return _ring(tenant).jwks


def signing_key(tenant: Tenant, alg: str) -> Key:
    """The one private key that signs for `tenant` with `alg` now; it knows its `kid`."""
    return _ring(tenant).signing[alg]


def of(tenant: Tenant) -> list[SigningKey]:
    """Every key that is not gone yet, newest first."""
    query = select(SigningKey).where(SigningKey.tenant_id == tenant.id, _not_gone())
    return list(db.session.scalars(query.order_by(SigningKey.created_at.desc(), SigningKey.alg)))


def known(tenant: Tenant) -> list[SigningKey]:
    """Every key that is not gone yet, and those that were revoked lately, newest first."""
    query = select(SigningKey).where(SigningKey.tenant_id == tenant.id, or_(_not_gone(), SigningKey.revoked_at.is_not(None)))
    return list(db.session.scalars(query.order_by(SigningKey.created_at.desc(), SigningKey.alg)))


def get(tenant: Tenant, kid: str) -> SigningKey:
    """The key of `tenant` with this `kid`, as `known` lists it. Raises NotFound."""
    found = next((key for key in known(tenant) if key.kid == kid), None)
    if found is None:
        raise NotFound("There is no such key.")
    return found


def rotate(tenant: Tenant, *, by: Actor, at_once: bool = False) -> list[SigningKey]:
    """Publish a successor of every key; it signs after `PUBLISHED_AHEAD`, or now. Returns the new keys."""
    signs_from = clock.now() + (timedelta(0) if at_once else PUBLISHED_AHEAD)
    return [_succeed(tenant, alg, _newest(tenant, alg), signs_from=signs_from, by=by) for alg in ALGORITHMS]


def rotate_due(tenant: Tenant) -> None:
    """Publish successors of keys whose time is coming. Run daily, on any number of nodes."""
    for alg in ALGORITHMS:
        serving = max((key for key in of(tenant) if key.alg == alg), key=lambda key: key.generation, default=None)
        if serving is None or serving.signs_from + SIGNS_FOR - PUBLISHED_AHEAD <= clock.now():
            _succeed(tenant, alg, _newest(tenant, alg), signs_from=clock.now() + PUBLISHED_AHEAD, by=Actor.system("schedule"))


def revoke(tenant: Tenant, kid: str, *, reason: str = "", by: Actor) -> SigningKey:
    """End a key early, as after a leak: it leaves the JWKS now, what it signed is refused, and where it signed another does.

    The revoked key; of many who ask at once one revokes it, and all find one successor. Raises NotFound.
    """
    with transaction() as session:
        row = session.get_one(SigningKey, get(tenant, kid).kid, with_for_update=True, populate_existing=True)
        if row.revoked_at is None:
            _end(row, reason)
            audit.record("key.revoked", actor=by, subject=row, alg=row.alg, kid=kid, reason=reason.strip()[:200])
    _rings.pop(tenant.id, None)
    _ring(tenant)
    return row


def purge() -> int:
    """Delete keys that nothing signed by them needs any more, and those long revoked; how many."""
    long_ago = or_(SigningKey.revoked_at.is_(None), SigningKey.revoked_at <= clock.now() - REMEMBERED)
    with transaction() as session:
        gone = list(session.scalars(select(SigningKey).where(SigningKey.gone_at <= clock.now(), long_ago)))
        for key in gone:
            session.delete(key)
    return len(gone)


def _ring(tenant: Tenant) -> Ring:
    ring = _rings.get(tenant.id)
    if ring is None or not timedelta(0) <= clock.now() - ring.read_at < READ_AGAIN:
        ring = _rings[tenant.id] = _read(tenant)
    return ring


def _read(tenant: Tenant) -> Ring:
    rows = of(tenant)
    moment = clock.now()
    signing: dict[str, Key] = {}
    for alg in ALGORITHMS:
        ready = [row for row in rows if row.alg == alg and row.state == "signing"]
        if not ready:
            ready = [_appoint(tenant, alg)]
            rows += [row for row in ready if row not in rows]
        signing[alg] = _open(max(ready, key=lambda row: (row.signs_from, row.generation)))
    # As `of` has them, also those made just now: every worker shows the same set.
    shown = sorted(sorted(rows, key=lambda row: row.alg), key=lambda row: row.created_at, reverse=True)
    return Ring(moment, signing, {"keys": [row.public_jwk for row in shown]})


def _appoint(tenant: Tenant, alg: str) -> SigningKey:
    """The key that signs from now on, where none does: the one published for later, which verifiers may know, or a new one."""
    newest, moment = _newest(tenant, alg), clock.now()
    if newest is not None and newest.state == "signing":
        # Another node made it since we looked.
        return newest
    if newest is None or newest.state != "published":
        return _succeed(tenant, alg, newest, signs_from=moment, by=Actor.system("signing"))
    with transaction() as session:
        row = session.get_one(SigningKey, newest.kid, with_for_update=True, populate_existing=True)
        row.signs_from = min(row.signs_from, moment)
    return row


def _end(row: SigningKey, reason: str) -> None:
    if row.state == "published":
        # Whoever was to make room for it goes on; the schedule finds another successor.
        waiting = SigningKey.tenant_id == row.tenant_id, SigningKey.alg == row.alg, SigningKey.retires_at == row.signs_from
        db.session.execute(update(SigningKey).where(*waiting).values(retires_at=None, gone_at=None))
    row.revoked_at = row.gone_at = clock.now()
    row.revoked_reason = reason.strip()[:200] or None


def _open(row: SigningKey) -> Key:
    if row.kid not in _opened:
        _opened[row.kid] = _import(json.loads(seal.unseal(row.private_sealed, _purpose(row.kid))))
    return _opened[row.kid]


def _import(jwk: dict[str, Any]) -> Key:
    return RSAKey.import_key(jwk) if jwk["kty"] == "RSA" else ECKey.import_key(jwk)


def _succeed(tenant: Tenant, alg: str, newest: SigningKey | None, *, signs_from: datetime, by: Actor) -> SigningKey:
    """The successor of `newest`, as the caller saw it: of two who saw the same, one makes the next generation."""
    made = _make(tenant, alg, generation=newest.generation + 1 if newest else 1, signs_from=signs_from)
    try:
        with transaction() as session:
            session.add(made)
            session.flush()
            # The predecessors sign until then and are published until what they signed is dead.
            session.execute(
                update(SigningKey)
                .where(
                    SigningKey.tenant_id == tenant.id,
                    SigningKey.alg == alg,
                    SigningKey.kid != made.kid,
                    SigningKey.gone_at.is_(None),
                )
                .values(retires_at=signs_from, gone_at=signs_from + KEPT_AFTER)
            )
            audit.record("key.created", actor=by, subject=made, alg=alg, kid=made.kid)
    except IntegrityError:
        # Another node made this generation a moment ago: its key serves.
        return cast(SigningKey, _newest(tenant, alg))
    _rings.pop(tenant.id, None)
    return made


def _make(tenant: Tenant, alg: str, *, generation: int, signs_from: datetime) -> SigningKey:
    kid = ids.token(12)
    parameters = {"kid": kid, "use": "sig", "alg": alg}
    key = _generate(alg, parameters)
    return SigningKey(
        kid=kid,
        tenant_id=tenant.id,
        alg=alg,
        generation=generation,
        public_jwk=dict(key.as_dict(private=False)),
        private_sealed=seal.seal(json.dumps(key.as_dict(private=True)), _purpose(kid)),
        signs_from=signs_from,
    )


def _generate(alg: str, parameters: dict[str, str]) -> Key:
    match alg:
        case "ES256":
            return ECKey.generate_key("P-256", parameters=parameters, private=True)  # type: ignore[arg-type]  # a TypedDict of these
        case "RS256":
            return RSAKey.generate_key(2048, parameters=parameters, private=True)  # type: ignore[arg-type]  # a TypedDict of these
        case _:
            raise Invalid(f"No keys are made for {alg}.")


def _newest(tenant: Tenant, alg: str) -> SigningKey | None:
    query = select(SigningKey).where(SigningKey.tenant_id == tenant.id, SigningKey.alg == alg)
    return db.session.scalar(query.order_by(SigningKey.generation.desc()).limit(1))


def _not_gone() -> Any:
    return or_(SigningKey.gone_at.is_(None), SigningKey.gone_at > clock.now())


def _purpose(kid: str) -> str:
    return f"signing key {kid}"
