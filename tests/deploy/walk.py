"""The code flow through a running installation, over HTTP alone: python -m tests.deploy.walk URL CLIENT_ID SECRET EMAIL PASSWORD.

The client allows the redirect URI http://localhost:9/callback, where nobody needs to listen. Each step is printed.
"""

import sys
from uuid import UUID

from tests.parts.world import Application, Person
from tests.relying_party import RelyingParty

CALLBACK = "http://localhost:9/callback"
UNKNOWN = UUID(int=0)


def main(url: str, client_id: str, secret: str, email: str, password: str) -> None:
    """Walk; AssertionError at the first step that is wrong."""
    application = Application(UNKNOWN, "", client_id, secret, CALLBACK, "")
    rp = RelyingParty(url, application, Person(UNKNOWN, email, "", password))
    assert rp.metadata["issuer"] == url, rp.metadata["issuer"]
    print("discovery  ", rp.metadata["issuer"])
    code = rp.sign_in_and_allow()
    print("code        by way of the login page")
    tokens = rp.exchange(code)
    assert tokens.status == 200, tokens.text
    print("tokens     ", ", ".join(sorted(tokens.json)))
    person = rp.userinfo(tokens.access_token)
    assert (person.status, person.email) == (200, email), person.text
    print("userinfo   ", person.json)
    assert rp.userinfo(rp.refresh(tokens.refresh_token).access_token).json == person.json
    print("refreshed   and userinfo again")


if __name__ == "__main__":
    main(*sys.argv[1:])
