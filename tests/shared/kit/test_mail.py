"""Letters: well formed, free of forged headers, over SMTP or into a folder."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from shared.kit import mail, settings
from shared.kit.mail import Letter
from tests.parts.smtp import MailServer

Install = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture
def installed() -> Install:
    """An installation with these settings for mail."""

    @contextmanager
    def install(**told: object) -> Iterator[None]:
        app = Flask("test")
        told = {"smtp_url": None, "outbox_dir": None, "mail_from": "Bailiwick <no-reply@id.example>", **told}
        app.extensions["bailiwick.settings"] = settings.load(
            secret_key="x" * 32, database_url="sqlite://", redis_url="unix:///none", **told
        )
        with app.app_context():
            yield

    return install


def test_a_letter_is_sent_over_smtp(installed, mail_server):
    with installed(smtp_url=mail_server.url):
        mail.send(Letter("ada@example.com", "Hello", "The text", html="<p>The text</p>", from_name="Shop, Inc.", id="one"))
    ((sender, recipient, text),) = mail_server.letters
    letter = message_from_bytes(text.encode(), policy=policy.default)
    assert (sender, recipient) == ("no-reply@id.example", "ada@example.com")
    assert letter["from"] == '"Shop, Inc." <no-reply@id.example>'
    assert letter["message-id"] == "<one@id.example>"
    assert letter["auto-submitted"] == "auto-generated"
    assert letter.get_body(("plain",)).get_content() == "The text\n"
    assert letter.get_body(("html",)).get_content() == "<p>The text</p>\n"


@pytest.mark.parametrize(
    "evil", ["\r\nBcc: eve@example.com", "\nBcc: eve@example.com", "\rBcc: x@y.example", "\0", "\u2028Bcc: a@b.example"]
)
@pytest.mark.parametrize("field", ["to", "subject", "from_name", "id"])
def test_a_header_cannot_be_forged(field, evil):
    given = {"to": "ada@example.com", "subject": "Hello", "text": "x"}
    with pytest.raises(ValueError):
        Letter(**{**given, field: given.get(field, "") + evil})


# Words of RFC 2047, which Python's own parser decodes wherever they stand: a header, a whole letter, and another address.
ENCODED = [
    "=?utf-8?q?a=0D=0ABcc=3A_eve=40example.com?=",
    "=?utf-8?b?YQ0KQmNjOiBldmVAZXhhbXBsZS5jb20=?=",
    "=?utf-8?q?a=0D=0A=0D=0AAnother_letter?=",
    "=?utf-8?q?eve=40example.com=2C?=",
    "==?utf-8?q?a=0D=0ABcc=3A_eve=40example.com?=",
]


@pytest.mark.parametrize("encoded", ENCODED)
@pytest.mark.parametrize("address", ["{}@example.com", "ada.{}@example.com", "ada{}@example.com"])
@pytest.mark.parametrize("field", ["to", "from_address"])
def test_an_address_holds_no_encoded_words(field, address, encoded):
    given = {"to": "ada@example.com", "subject": "Hello", "text": "x"}
    with pytest.raises(ValueError):
        Letter(**{**given, field: address.format(encoded)})
    assert not mail.is_address(address.format(encoded))


@pytest.mark.parametrize("encoded", ENCODED)
@pytest.mark.parametrize("words", ["{}", "Grüße {}", "Hello {} you"])
def test_encoded_words_are_words_like_others(words, encoded):
    given = words.format(encoded)
    letter = Letter("ada@example.com", given, "The text", from_name=given, from_address="shop@example.org")
    sent = mail.compose(letter, sender="no-reply@id.example").as_bytes()
    message = message_from_bytes(sent, policy=policy.default)
    assert message["to"] == "ada@example.com"
    assert message.get_all("bcc") is None
    assert b"Another letter" not in sent
    assert message.get_content() == "The text\n"
    assert [each.addr_spec for each in message["from"].addresses] == ["shop@example.org"]
    # But for the blank that keeps it from being decoded, it is read as it was written.
    assert message["subject"].replace("= ?", "=?") == given
    # Python breaks long names in other scripts at a blank of its own.
    assert message["from"].addresses[0].display_name.replace(" ", "") == given.replace(" ", "")


@pytest.mark.parametrize("encoded", ENCODED)
def test_they_are_so_in_the_name_of_the_installation_too(encoded):
    message = mail.compose(Letter("ada@example.com", "Hello", "x"), sender=f"{encoded} <no-reply@id.example>")
    assert message_from_bytes(message.as_bytes(), policy=policy.default).get_all("bcc") is None


@pytest.mark.parametrize(
    "to", ["", "ada", "ada@example.com, eve@example.com", "Ada <ada@example.com>", "ada@example.com bcc:eve@example.com"]
)
def test_a_letter_goes_to_exactly_one_address(to):
    with pytest.raises(ValueError):
        Letter(to, "Hello", "x")


@given(st.text(), st.text())
def test_whatever_the_words_are_the_letter_has_the_headers_that_it_should(subject, name):
    try:
        letter = Letter("ada@example.com", subject, "text", from_name=name)
    except ValueError:
        return
    message = message_from_bytes(mail.compose(letter, sender="no-reply@id.example").as_bytes(), policy=policy.default)
    assert message["to"] == "ada@example.com"
    assert message.get_all("bcc") is None
    assert sorted(message.keys()) == sorted(set(message.keys()))


def test_a_text_in_any_script_arrives_as_it_was_written(installed, mail_server):
    with installed(smtp_url=mail_server.url):
        mail.send(Letter("ada@example.com", "Grüße 你好", "Grüße 你好\n.\nA dot above"))
    letter = message_from_bytes(mail_server.letters[0][2].encode(), policy=policy.default)
    assert letter["subject"] == "Grüße 你好"
    assert letter.get_content().rstrip().replace("\n..\n", "\n.\n") == "Grüße 你好\n.\nA dot above"


def test_a_host_in_another_script_is_written_in_ascii(installed, mail_server):
    with installed(smtp_url=mail_server.url):
        mail.send(Letter("ada@bücher.example", "Hello", "x"))
    assert mail_server.letters[0][1] == "ada@xn--bcher-kva.example"


def test_a_recipient_who_does_not_exist_is_refused_for_good(installed, mail_server):
    mail_server.refusals["gone@example.com"] = "550 No such person"
    with installed(smtp_url=mail_server.url), pytest.raises(mail.Refused):
        mail.send(Letter("gone@example.com", "Hello", "x"))


def test_a_server_that_is_busy_is_worth_another_try(installed, mail_server):
    mail_server.refusals["ada@example.com"] = "451 Later, please"
    with installed(smtp_url=mail_server.url), pytest.raises(OSError):
        mail.send(Letter("ada@example.com", "Hello", "x"))


@pytest.mark.parametrize("query", ["?starttls", "?starttls=1"])
def test_a_server_without_starttls_is_told_nothing_where_starttls_is_asked(installed, mail_server, query):
    with installed(smtp_url=mail_server.url + query), pytest.raises(OSError):
        mail.send(Letter("ada@example.com", "Hello", "x"))
    assert mail_server.letters == []


def test_a_server_that_is_gone_is_worth_another_try(installed, mail_server):
    mail_server.stop()
    with installed(smtp_url=mail_server.url), pytest.raises(OSError):
        mail.send(Letter("ada@example.com", "Hello", "x"))


def test_without_any_server_or_folder_a_letter_is_refused(installed):
    with installed(), pytest.raises(mail.Refused):
        mail.send(Letter("ada@example.com", "Hello", "x"))


def test_a_kept_letter_is_a_file_for_its_owner_alone(installed, tmp_path: Path):
    with installed(outbox_dir=tmp_path / "letters"):
        mail.send(Letter("ada@example.com", "Hello", "The code is XYZ"))
    (path,) = (tmp_path / "letters").glob("*.eml")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "The code is XYZ" in path.read_text()


def test_a_kept_letter_is_printed_by_the_quickstart_alone(installed, tmp_path, logs):
    with installed(outbox_dir=tmp_path):
        mail.send(Letter("ada@example.com", "Hello", "The code is XYZ"))
    assert "XYZ" not in logs.text
    with installed(outbox_dir=tmp_path, quickstart=True):
        mail.send(Letter("ada@example.com", "Hello", "The code is XYZ"))
    assert "XYZ" in logs.text
