"""Browser sessions: who sits at which browser, in Redis. The cookie is a secret; Redis keeps its fingerprint."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

import orjson

from shared.kit import clock, ids, origin, redis
from shared.models.tenant import Tenant
from shared.models.user import User

IDLE_SECONDS = 14 * 86400
ABSOLUTE_SECONDS = 30 * 86400
TOUCH_SECONDS = 60
# The gate: a session that was ended meanwhile, or went on by another cookie, does not come back.
_STRENGTHEN = """
if redis.call('HGET', KEYS[3], ARGV[1]) ~= KEYS[1] or redis.call('DEL', KEYS[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
redis.call('HSET', KEYS[3], ARGV[1], KEYS[2])
return 1
"""


@dataclass(frozen=True)
class Session:
    """A signed-in browser. `sid` names it in ID tokens and lists and is no secret; times are seconds since 1970.

    `auth_time` is UNKNOWN for somebody whom a provider sent without saying when they signed in there: too long ago for everything
    that asks for a fresh login.
    """

    sid: str
    tenant_id: str
    user_id: str
    auth_time: int
    amr: tuple[str, ...]
    created_at: int
    last_seen: int
    address: str | None
    user_agent: str
    # Of the person's sessions, as they were when it began; None for one that began under an older version of ours.
    generation: str | None = None

    @property
    def seconds_left(self) -> int:
        """How long it lives from its last use: 14 days idle, 30 days in all."""
        return min(IDLE_SECONDS, self.created_at + ABSOLUTE_SECONDS - self.last_seen)


def begin(user: User, *, amr: tuple[str, ...], sid: str | None = None, auth_time: int | None = None) -> tuple[str, Session]:
    """Start a session for `user`: the cookie's value, and the session. Raises Unavailable without Redis.

    With `sid` it goes on with a session of theirs under that name, by a new cookie: the old one is worth nothing any more.
    `auth_time` is when they signed in, where that was not now and here.
    """
    cookie, moment, here = ids.token(), clock.timestamp(), origin.current()
    session = Session(
        sid=sid or ids.token(16),
        tenant_id=str(user.tenant_id),
        user_id=str(user.id),
        auth_time=moment if auth_time is None else auth_time,
        amr=amr,
        created_at=moment,
        last_seen=moment,
        address=here.address,
        user_agent=here.user_agent[:300],
        generation=generation_of(user),
    )
    with redis.needed() as r, r.pipeline(transaction=True) as pipe:
        pipe.set(_key(cookie), _pack(session), ex=session.seconds_left)
        pipe.hset(_index(user.id), session.sid, _key(cookie))
        pipe.expire(_index(user.id), ABSOLUTE_SECONDS)
        pipe.execute()
    return cookie, session


def check_room() -> None:
    """Raise Unavailable where no session can begin, before something is spent or made that would begin one."""
    with redis.needed() as r:
        r.set("session-room", b"", ex=1)


def strengthen(cookie: str, session: Session, *, amr: tuple[str, ...]) -> tuple[str, Session] | None:
    """Go on with a session by more proofs: its new cookie, as the old one was worth less, and the session; None if it has ended.

    It is as old as before, and so is its login. Raises Unavailable without Redis.
    """
    fresh, session = ids.token(), replace(session, amr=amr, last_seen=clock.timestamp())
    keys = [_key(cookie), _key(fresh), _index(UUID(session.user_id))]
    with redis.needed() as r:
        went_on = r.eval(_STRENGTHEN, 3, *keys, session.sid, _pack(session), session.seconds_left)
    return (fresh, session) if went_on else None


def find(tenant: Tenant, cookie: str) -> Session | None:
    """The session that this cookie opens at this tenant, or None. Without Redis nobody is signed in: None."""
    try:
        session = _unpack(cast(bytes | None, redis.client().get(_key(cookie))))
    except redis.GONE:
        return None
    if session is None or session.tenant_id != str(tenant.id) or _over(session):
        return None
    return _touch(cookie, session)


def generation_of(user: User) -> str:
    """Which generation of a person's sessions one that begins now belongs to: all of it ends at once, by the person's row.

    Whoever began to sign in before that, and ends after it, has a session of the old generation.
    """
    return user.sessions_valid_from.isoformat() if user.sessions_valid_from else ""


def valid_from(session: Session) -> datetime | None:
    """The generation of a session, as the row of its person says it."""
    return datetime.fromisoformat(session.generation) if session.generation else None


def stands(session: Session, user: User) -> bool:
    """Whether a session of `user` was not ended, as SQL knows it: a Redis that lost the end brings nothing back."""
    if session.sid in user.ended_sids:
        return False
    if session.generation is None:
        return user.sessions_valid_from is None or session.created_at >= int(user.sessions_valid_from.timestamp())
    return session.generation == generation_of(user)


def of(user: User) -> list[Session]:
    """The sessions of a person, most recently used first. Raises Unavailable without Redis."""
    with redis.needed() as r:
        index = cast(dict[bytes, bytes], r.hgetall(_index(user.id)))
        packed = cast(list[bytes | None], r.mget(list(index.values()))) if index else []
    alive = [session for session in map(_unpack, packed) if session and not _over(session) and stands(session, user)]
    return sorted(alive, key=lambda session: session.last_seen, reverse=True)


def end(session: Session) -> None:
    """End this session. Raises Unavailable without Redis."""
    _end(UUID(session.user_id), [session.sid])


def end_one(user: User, sid: str) -> None:
    """End the session of `user` that is named `sid`, if there is one."""
    _end(user.id, [sid])


def end_all(user: User, *, except_sid: str | None = None) -> None:
    """End every session of a person, or every other one than `except_sid`, which goes on in the person's new generation."""
    with redis.needed() as r:
        index = cast(dict[bytes, bytes], r.hgetall(_index(user.id)))
    _end(user.id, [sid.decode() for sid in index if sid.decode() != except_sid])
    if except_sid and (key := index.get(except_sid.encode())):
        _carry_over(key, user)


def _carry_over(key: bytes, user: User) -> None:
    with redis.needed() as r:
        session = _unpack(cast(bytes | None, r.get(key)))
        if session is not None:
            kept = replace(session, generation=generation_of(user))
            r.set(key, _pack(kept), ex=kept.seconds_left, xx=True)


def _end(user_id: UUID, sids: list[str]) -> None:
    if not sids:
        return
    with redis.needed() as r:
        keys = [key for key in cast(list[bytes | None], r.hmget(_index(user_id), sids)) if key]
        with r.pipeline(transaction=True) as pipe:
            if keys:
                pipe.delete(*keys)
            pipe.hdel(_index(user_id), *sids)
            pipe.execute()


def _touch(cookie: str, session: Session) -> Session:
    moment = clock.timestamp()
    if moment - session.last_seen < TOUCH_SECONDS:
        return session
    session = replace(session, last_seen=moment, address=origin.current().address)
    try:
        # xx: a session that was ended meanwhile stays ended.
        redis.client().set(_key(cookie), _pack(session), ex=session.seconds_left, xx=True)
    except redis.GONE:
        pass
    return session


def _over(session: Session) -> bool:
    moment = clock.timestamp()
    return moment > session.last_seen + IDLE_SECONDS or moment > session.created_at + ABSOLUTE_SECONDS


def _key(cookie: str) -> str:
    return f"session:{ids.fingerprint(cookie).hex()}"


def _index(user_id: UUID) -> str:
    return f"sessions-of:{user_id}"


def _pack(session: Session) -> bytes:
    return orjson.dumps(session)


def _unpack(packed: bytes | None) -> Session | None:
    if packed is None:
        return None
    values = orjson.loads(packed)
    return Session(**{**values, "amr": tuple(values["amr"])})
