"""What the MCP server of docs/examples believes."""

from shared.services import clients
from tests.interop.conftest import Serving
from tests.interop.mcp_server import SCOPE, said
from tests.parts.proofs import Holder
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty


def test_an_mcp_server_believes_our_tokens_for_it_and_no_others(world: World, rp: RelyingParty, serving: Serving) -> None:
    with world.inside():
        clients.update(world.client(world.web), access_token_alg="ES256", by=TESTS)
    server = serving(world.url, world.tenant)
    notes = server.url
    # Without a token: where to read who gives them (RFC 9728 §5.1, §3.1), and there it is.
    refused = server.call(None)
    origin = notes.removesuffix("/mcp")
    assert refused.status_code == 401
    assert f'resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"' in refused.headers["WWW-Authenticate"]
    metadata = rp.http.get(f"{origin}/.well-known/oauth-protected-resource/mcp", timeout=10).json()
    assert (metadata["resource"], metadata["authorization_servers"]) == (notes, [world.url])
    assert metadata["scopes_supported"] == [SCOPE]
    # RFC 8414 §3: the server that it names is found, and is that very one (§3.3).
    issuer = metadata["authorization_servers"][0]
    assert rp.http.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=10).json()["issuer"] == issuer

    tokens = rp.tokens(resource=notes, scope=f"openid offline_access {SCOPE}")
    answer = server.call(tokens.access_token)
    assert answer.status_code == 200, answer.text
    assert said(answer) == {"person": str(world.ada.id), "application": world.web.client_id, "scopes": [SCOPE]}

    # RFC 8707 §2, RFC 9700 §2.3: what is for our own API, or is no access token, opens nothing there, and the reverse.
    for foreign in (rp.tokens().access_token, tokens.id_token, tokens.access_token + "A", "x"):
        assert server.call(foreign).status_code == 401
    assert rp.userinfo(tokens.access_token).status == 401

    # RFC 9449 §7: a token that is bound to a key is not used without it.
    bound = Holder().exchange(rp, rp.sign_in_and_allow(resource=notes, scope=SCOPE))
    assert (bound.token_type, server.call(bound.access_token).status_code) == ("DPoP", 401)

    lesser = server.call(rp.tokens(resource=notes, scope="else").access_token)
    assert lesser.status_code == 403 and 'error="insufficient_scope"' in lesser.headers["WWW-Authenticate"]
