"""A mail server for tests: takes letters, refuses some, forgets none."""

import re
import socketserver
import threading


class MailServer:
    """`letters` are what it took, as (sender, recipient, text). `refusals` maps a recipient to the answer it is refused with."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, str]] = []
        self.refusals: dict[str, str] = {}
        self._server = _Listening(self)
        self.url = f"smtp://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()


class _Listening(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, mail: MailServer) -> None:
        self.mail = mail
        super().__init__(("127.0.0.1", 0), _Conversation)


class _Conversation(socketserver.StreamRequestHandler):
    server: _Listening
    sender = recipient = ""

    def handle(self) -> None:
        self.say("220 tests")
        while line := self.rfile.readline().decode(errors="replace").strip():
            verb = line.split(maxsplit=1)[0].upper()
            getattr(self, f"do_{verb}", self.other)(line)
            if verb == "QUIT":
                return

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def other(self, line: str) -> None:
        self.say("250 OK")

    def do_QUIT(self, line: str) -> None:
        self.say("221 Bye")

    def do_MAIL(self, line: str) -> None:
        self.sender = _address(line)
        self.say("250 OK")

    def do_RCPT(self, line: str) -> None:
        self.recipient = _address(line)
        self.say(self.server.mail.refusals.get(self.recipient, "250 OK"))

    def do_DATA(self, line: str) -> None:
        self.say("354 Go on")
        lines: list[str] = []
        while (text := self.rfile.readline().decode(errors="replace").rstrip("\r\n")) != ".":
            lines.append(text)
        self.server.mail.letters.append((self.sender, self.recipient, "\n".join(lines)))
        self.say("250 OK")


def _address(line: str) -> str:
    found = re.search(r"<([^>]*)>", line)
    return found[1] if found else ""
