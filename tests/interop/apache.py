"""Apache with mod_auth_openidc: a site whose pages ask for a login, on an address of its own."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from shared.kit import ids
from tests.parts import needs, process
from tests.parts.installation import free_port

MODULES = Path("/usr/lib/apache2/modules")
LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "headers", "socache_shmcb", "ssl", "auth_openidc")

CONFIG = """
{loaded}
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
Mutex sem
ErrorLog /dev/stderr
LogLevel warn auth_openidc:info
User nobody
Group nogroup
Listen 127.0.0.1:{port}
StartServers 1
MaxSpareThreads 75

SSLEngine on
SSLCertificateFile {chain}
SSLSessionCache none

DocumentRoot {folder}/pages
{told}
<Location />
    Require all granted
</Location>
<Location /inside>
    AuthType openid-connect
    Require valid-user
    Header set Remote-User "expr=%{{REMOTE_USER}}"
    Header set Claims "%{{OIDC_CLAIM_email}}e %{{OIDC_CLAIM_iss}}e"
    Header set Access-Token "%{{OIDC_access_token}}e"
</Location>
<Location /api>
    AuthType oauth20
    Require claim scope~openid
    Header set Remote-User "expr=%{{REMOTE_USER}}"
</Location>
"""


class Apache:
    """`settings` are directives of mod_auth_openidc, by name without their OIDC."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path], settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url, self.back = f"https://localhost:{self.port}", f"https://localhost:{self.port}/inside/back"
        folder.mkdir(exist_ok=True)
        self.folder, self.log = folder, folder / "log"
        self.ca_file, self._chain = certificate
        for page in ("inside", "api", "bye"):
            (folder / "pages" / page).mkdir(parents=True)
            (folder / "pages" / page / "index.html").write_text(page)
        self.settings = {"RedirectURI": self.back, "CryptoPassphrase": ids.token(), "CABundlePath": str(self.ca_file), **settings}

    def __enter__(self) -> Self:
        config = self.folder / "apache.conf"
        told = "".join(f"OIDC{name} {value}\n" for name, value in self.settings.items())
        loaded = "".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so\n" for name in LOADED)
        config.write_text(CONFIG.format(folder=self.folder, port=self.port, chain=self._chain, told=told, loaded=loaded))
        program = needs.found("apache2") or "apache2"
        self._process = process.start([program, "-d", str(self.folder), "-f", str(config), "-D", "FOREGROUND"], log=self.log)
        process.until(self._answers, what=f"Apache's start: {self.log.read_text()}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        process.stop(self._process)
        print(self.log.read_text())  # pytest shows it beside what failed
        shutil.rmtree(self.folder)

    def get(self, path: str, **options: Any) -> requests.Response:
        """Ask as a program does, without cookies."""
        return requests.get(self.url + path, verify=str(self.ca_file), timeout=10, allow_redirects=False, **options)

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        try:
            return self.get("/bye/").ok
        except requests.ConnectionError:
            return False
