"""Token exchange (RFC 8693): a token for one API is exchanged for one that another API accepts, never a wider one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from auth_service.protocol import access_token, exchange_tokens, resource_indicators
from auth_service.protocol.access_token import Target, audience
from auth_service.protocol.errors import ProtocolError
from auth_service.protocol.exchange_tokens import ACCESS_TOKEN, CARRIED, JWT, Brought
from auth_service.protocol.grant_types import checks
from auth_service.protocol.grant_types.grant import Grant
from shared.kit import clock
from shared.models.client import Client
from shared.models.resource import Resource
from shared.models.scope import parse
from shared.services import authorizations, clients, exchanges, resources, subjects, user_fields
from shared.services.client_settings import TOKEN_EXCHANGE
from shared.web import tenancy


class TokenExchangeGrant(Grant):
    """Gives an access token that ends with the token it came from, and nothing else."""

    GRANT_TYPE = TOKEN_EXCHANGE

    def redeem(self) -> None:
        """Look whether the client may have this for that, and write down that it did."""
        checks.check_confidential(self.client)
        checks.check_verified(self.client)
        self.kind = check_requested(self.params.get("requested_token_type", ACCESS_TOKEN))
        self.subject = exchange_tokens.subject(self.client, self.params)
        self.act = exchange_tokens.actor(self.client, self.params, self.subject)
        self.target = aim(self.client, self.params, self.subject)
        self._record()

    def answer(self) -> dict[str, Any]:
        """The token (RFC 8693 §2.2.1); another refresh token would outlive what this hangs on."""
        made = access_token.make_in_exchange(tenancy.tenant(), self.client, target=self.target, said=self._said())
        scope = " ".join(self.target.scopes)
        return {
            "access_token": made,
            "issued_token_type": self.kind,
            "expires_in": self.target.seconds,
            "scope": scope,
        }

    def _said(self) -> dict[str, Any]:
        claims, user = self.subject.claims, self.subject.user
        rights = [each for each in claims.get("permissions", ()) if user and self.client.first_party and each in user.permissions]
        return {
            "sub": subjects.of(user, self.client) if user else claims["sub"],
            "jti": exchanges.token_id(self.subject.jti, self.client),
            **{name: claims[name] for name in CARRIED if name in claims},
            **({"permissions": rights} if user else {}),
            **({"act": self.act} if self.act else {}),
        }

    def _record(self) -> None:
        claims, tenant = self.subject.claims, tenancy.tenant()
        exchanges.record(
            self.client,
            subject=self.subject.user or clients.find(tenant, claims["sub"]) or claims["sub"],
            tenant=tenant,
            given_to=claims.get("client_id", claims.get("azp")),
            audience=self.target.audience,
            scope=" ".join(self.target.scopes),
            acting=self.act["sub"] if self.act else None,
        )


def aim(client: Client, params: dict[str, str], subject: Brought) -> Target:
    """What the new token is for: the targets named, or those of the token brought; no scope that either lacks."""
    chosen = named(params) or subject.audience
    check_within(chosen, subject)
    foreign = resource_indicators.admitted(client, chosen)
    offered = [scope for resource in foreign for scope in resource.scopes]
    if len(foreign) < len(chosen):
        ours = user_fields.scopes(tenancy.tenant())
        offered += [scope for scope in ours if scope in client.scopes and scope != authorizations.OFFLINE]
    held = [scope for scope in subject.scopes if scope in offered]
    asked = parse(params.get("scope")) or held
    check_scope(asked, held)
    target = resource_indicators.target(client, chosen, foreign, asked)
    return replace(target, seconds=min(target.seconds, int(subject.claims["exp"]) - clock.timestamp()))


def named(params: dict[str, str]) -> list[str]:
    """The resources that a request names by `resource`, and by `audience`: their identifiers, or the clients that they are."""
    found = resource_indicators.read(params)
    for each in parse(params.get("audience")):
        found += _called(each)
    return list(dict.fromkeys(found))


def check_requested(unverified: str) -> str:
    """The client wants an access token, which here is a JWT (RFC 8693 §2.1, §2.2.1)."""
    if unverified not in (ACCESS_TOKEN, JWT):
        raise ProtocolError(
            "invalid_request",
            "A token of this type cannot be asked for.",
            section="RFC 8693 §2.1",
            expected=(ACCESS_TOKEN, JWT),
            came=unverified,
            mend="Ask for an access token, or leave requested_token_type out.",
        )
    return unverified


def check_within(chosen: Sequence[str], subject: Brought) -> None:
    """A token stays within what was granted, and what was meant for another API never opens ours (RFC 8693 §5, RFC 8707 §2.2)."""
    if subject.own:
        resource_indicators.check_granted(chosen, subject.audience)
    elif audience(tenancy.issuer()) in chosen:
        resource_indicators.check_granted(chosen, [each for each in chosen if each != audience(tenancy.issuer())])


def check_scope(asked: Sequence[str], held: Sequence[str]) -> None:
    """No scope is asked for that the token brought lacks, or that means nothing to the target (RFC 8693 §2.1, §5)."""
    if wider := [scope for scope in asked if scope not in held]:
        raise ProtocolError(
            "invalid_scope",
            "A scope is asked for that the subject_token does not have, or that the target does not know.",
            section="RFC 8693 §2.1, §5; RFC 6749 §3.3",
            expected=held,
            came=wider,
            mend="Leave scope out to get all that both have in common.",
        )


def check_known(unverified: str, found: Sequence[Resource]) -> list[str]:
    """An audience is the name of a resource, or of a client that is one (RFC 8693 §2.1, §2.2.2)."""
    if not found:
        raise ProtocolError(
            "invalid_target",
            "The audience is unknown.",
            section="RFC 8693 §2.1, §2.2.2",
            expected="the identifier of a resource, or the client_id of a client that may introspect for one",
            came=unverified,
            mend="Name the target as the dashboard has it, letter by letter.",
        )
    return [resource.identifier for resource in found]


def _called(unverified: str) -> list[str]:
    """The identifiers of the resources that an `audience` names."""
    tenant = tenancy.tenant()
    if unverified == audience(tenancy.issuer()):
        return [unverified]
    return check_known(unverified, resources.named(tenant, [unverified]) or resources.run_by(tenant, unverified))
