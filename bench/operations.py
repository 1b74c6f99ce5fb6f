"""What is measured: each operation sends what a browser or an application sends, and checks what it is answered."""

import base64
import hashlib
import html
import random
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.client import Answer, Client
from bench.load import Exhausted
from bench.person import SCOPES, Person

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
ASKED = {
    "response_type": "code",
    "scope": " ".join(SCOPES),
    "state": "a state of the application",
    "nonce": "a nonce of the application",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
# So many access tokens are shown again and again.
SEEN_TOKENS = 50
LONGEST_AGE = 50  # seconds; codes live 60


@dataclass
class Browser:
    """Somebody's browser, on the client's connection: their cookies, and the address they come from."""

    client: Client
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "192.0.2.1"

    def get(self, target: str, expect: int) -> Answer:
        return self._keep(self.client.get(target, expect=expect, **self._headers()))

    def post(self, target: str, form: dict[str, str], expect: int) -> Answer:
        return self._keep(self.client.post(target, form, expect=expect, **self._headers()))

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        return {"X-Forwarded-For": self.address, "Accept": "text/html", "User-Agent": agent, "Cookie": cookies}

    def _keep(self, answer: Answer) -> Answer:
        self.cookies |= answer.cookies()
        return answer


@dataclass
class Operations:
    """The operations, and what each leaves for the next: signed-in browsers, codes and tokens."""

    people: list[Person]
    signed_in: list[tuple[Person, dict[str, str]]] = field(default_factory=list)
    codes: deque[tuple[float, Person, str]] = field(default_factory=deque)
    tokens: deque[tuple[Person, dict[str, str]]] = field(default_factory=deque)

    def bare(self, client: Client) -> None:
        client.get("/")

    def discovery(self, client: Client) -> None:
        client.get(f"{random.choice(self.people).path}/.well-known/openid-configuration")

    def jwks(self, client: Client) -> None:
        client.get(f"{random.choice(self.people).path}/.well-known/jwks.json")

    def login(self, client: Client) -> None:
        """From the application to the login page and back with a code: four requests, counted as one operation."""
        self._log_in(client, cheap=False)

    def login_without_hash(self, client: Client) -> None:
        """The same for someone whose password hash costs nothing."""
        self._log_in(client, cheap=True)

    def silent_authorize(self, client: Client) -> None:
        """Someone who is signed in is sent for another code and back at once."""
        person, cookies = random.choice(self.signed_in)
        self._keep_code(person, Browser(client, cookies).get(_authorize(person, prompt="none"), 302))

    def exchange(self, client: Client) -> None:
        """A code becomes tokens."""
        made, person, code = _take(self.codes)
        if time.monotonic() - made > LONGEST_AGE:
            raise Exhausted
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": person.redirect_uri, "code_verifier": VERIFIER}
        self._ask_tokens(client, person, form)

    def refresh(self, client: Client) -> None:
        """A refresh token is spent for new tokens."""
        person, tokens = _take(self.tokens)
        self._ask_tokens(client, person, {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})

    def userinfo(self, client: Client) -> None:
        """An access token is shown that was seen before."""
        person, tokens = self.tokens[random.randrange(min(len(self.tokens), SEEN_TOKENS))]
        client.get(f"{person.path}/api/userinfo", Authorization=f"Bearer {tokens['access_token']}")

    def client_credentials(self, client: Client) -> None:
        """An application gets a token in its own name."""
        person = random.choice(self.people)
        client.post(f"{person.path}/token", {"grant_type": "client_credentials"}, Authorization=_basic(person))

    def introspection(self, client: Client) -> None:
        """An application asks what an access token is that was seen before."""
        person, tokens = self.tokens[random.randrange(min(len(self.tokens), SEEN_TOKENS))]
        asked = {"token": tokens["access_token"]}
        answer = client.post(f"{person.path}/introspect", asked, Authorization=_basic(person))
        if not answer.json()["active"]:
            raise RuntimeError("The token is not active.")

    def open_login(self, client: Client, *, cheap: bool = False) -> Callable[[], None]:
        """Somebody opens the login page; what comes back sends their password, and takes them back with a code."""
        person = random.choice(self.people)
        while person.cheap is not cheap:
            person = random.choice(self.people)
        browser = Browser(client, address=".".join(str(random.randrange(1, 255)) for _ in range(4)))
        page = browser.get(_authorize(person), 303).header("Location")
        form = html.unescape(browser.get(page, 200).body.decode())
        typed = {"csrf_token": CSRF.findall(form)[0], "email": person.email, "password": person.password}

        def send() -> None:
            back = browser.post(page, typed, 303).header("Location")
            self._keep_code(person, browser.get(back, 302))
            self.signed_in.append((person, browser.cookies))

        return send

    def _log_in(self, client: Client, *, cheap: bool) -> None:
        self.open_login(client, cheap=cheap)()

    def _keep_code(self, person: Person, answer: Answer) -> None:
        code = parse_qs(urlsplit(answer.header("Location")).query)["code"][0]
        # The newest comes first: what is left over may expire.
        self.codes.appendleft((time.monotonic(), person, code))

    def _ask_tokens(self, client: Client, person: Person, form: dict[str, str]) -> None:
        answer = client.post(f"{person.path}/token", form, Authorization=_basic(person))
        self.tokens.append((person, answer.json()))


def _basic(person: Person) -> str:
    return "Basic " + base64.b64encode(f"{person.client_id}:{person.secret}".encode()).decode()


def _authorize(person: Person, **more: str) -> str:
    asked = {**ASKED, "client_id": person.client_id, "redirect_uri": person.redirect_uri, **more}
    return f"{person.path}/authorize?{urlencode(asked)}"


def _take(supply: deque) -> tuple:
    if not supply:
        raise Exhausted
    return supply.popleft()
