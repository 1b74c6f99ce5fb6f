"""Letters: over SMTP (RFC 5321), or kept as files where there is no mail server."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from shared.kit import clock, email_addresses, ids, log, settings

TIMEOUT = 10  # seconds for each step of the conversation with the mail server
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Refused(Exception):
    """The mail server will never take this letter; trying again does not help."""


@dataclass(frozen=True)
class Letter:
    """A letter to a person; `from_name` and `from_address` replace the installation's. Raises ValueError for a forged header."""

    to: str
    subject: str
    text: str
    html: str | None = None
    from_name: str | None = None
    from_address: str | None = None
    id: str | None = None
    """The same for every try of one letter, so that the reader's mail program can drop a second copy."""

    def __post_init__(self) -> None:
        for header in (self.to, self.subject, self.from_name or "", self.from_address or "", self.id or ""):
            if _CONTROL.search(header):
                raise ValueError("A header of a letter may not hold control characters.")
        _one_address(self.to)
        if self.from_address:
            _one_address(self.from_address)


def send(letter: Letter) -> None:
    """Give `letter` to the mail server, or keep it as a file. Raises OSError if trying later may help, else Refused."""
    now = settings.current()
    message = compose(letter, sender=now.mail_from)
    if now.outbox_dir:
        _keep(letter, message, folder=now.outbox_dir, aloud=now.quickstart)
    if now.smtp_url:
        _post(message, urlsplit(now.smtp_url.get_secret_value()))
    elif not now.outbox_dir:
        raise Refused("There is no mail server: set BAILIWICK_SMTP_URL.")


def leaves() -> bool:
    """Whether a letter can leave, or is at least kept where a developer finds it."""
    now = settings.current()
    return bool(now.smtp_url or now.outbox_dir)


def compose(letter: Letter, *, sender: str) -> EmailMessage:
    """`letter` as a message from `sender` (“Name <address>”)."""
    name, address = parseaddr(sender)
    message, known_as = EmailMessage(), _plain_words(letter.from_name or name)
    author = _one_address(letter.from_address, known_as) if letter.from_address else None
    message["From"] = author or Address(known_as, addr_spec=address)
    message["To"] = _one_address(letter.to)
    message["Subject"] = _plain_words(letter.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = (
        f"<{letter.id or ids.uuid7()}@{author.domain if author else address.partition('@')[2] or 'localhost'}>"
    )
    # RFC 3834 §5: holiday notices and the like should not answer.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="7bit" if _is_plain(letter.text) else "quoted-printable")
    if letter.html:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


def is_address(text: str) -> bool:
    """Whether `text` is one address, and short enough for its column."""
    try:
        return len(text) <= 320 and bool(_one_address(text))
    except ValueError:
        return False


def _plain_words(text: str) -> str:
    """`text` as words that nobody decodes any further."""
    return text.replace(email_addresses.ENCODED, "= ?")


def _one_address(text: str, name: str = "") -> Address:
    # Names of hosts in other scripts go over the wire in ASCII (RFC 5891 §4.4).
    known = email_addresses.check(text)
    return Address(name, username=known.local_part, domain=known.ascii_domain)


def _is_plain(text: str) -> bool:
    return text.isascii() and all(len(line) < 990 for line in text.splitlines())


def _keep(letter: Letter, message: EmailMessage, *, folder: Path, aloud: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{clock.now():%Y%m%dT%H%M%S}-{ids.uuid7()}.eml"
    unfinished = path.with_suffix(".part")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(message.as_bytes())
    # Whoever watches the folder finds whole letters only.
    unfinished.rename(path)
    log.get().info("mail.kept", path=str(path))
    if aloud:
        # The one place where a code may be printed: somebody's own machine, where no mail leaves.
        log.show(
            f"\n  Letter to {letter.to}: {letter.subject}\n\n"
            + "\n".join(f"  | {line}" for line in letter.text.splitlines())
            + "\n"
        )


def _post(message: EmailMessage, url: SplitResult) -> None:
    # Whatever goes wrong before the letter is offered says nothing about the letter; every smtplib error is an OSError.
    with _connect(url) as server:
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            _judge(min(code for code, _ in error.recipients.values()), error)
        except smtplib.SMTPResponseException as error:
            _judge(error.smtp_code, error)
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(str(error)) from error


def _connect(url: SplitResult) -> smtplib.SMTP:
    server = _dial(url)
    try:
        if "starttls" in parse_qs(url.query, keep_blank_values=True):
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _dial(url: SplitResult) -> smtplib.SMTP:
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        return smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(host, url.port or 587, timeout=TIMEOUT)


def _judge(code: int, error: smtplib.SMTPException) -> None:
    # 55x is about the letter and for good; other failures are about the server or about us, and get mended (RFC 5321 §4.2.3).
    if 550 <= code <= 559:
        raise Refused(f"The mail server answered {code}.") from error
    raise OSError(f"The mail server answered {code}.") from error
