"""A real nginx in front of a centre in two pools, as deploy/nginx.conf has it; on loopback, in a folder of its own."""

import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path
from typing import Self

from tests.peers import HOST, MISSING, await_port, certify, free_ports

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
SHIPPED = Path(__file__).parent.parent / "deploy/nginx.conf"
# Of a machine that may be busy.
PATIENCE = 90.0
MAIN = """
daemon off;
{user}
worker_processes 2;
worker_rlimit_nofile 4096;
pid {base}/nginx.pid;
error_log {base}/error.log;
events {{ worker_connections 2000; }}
http {{
    access_log off;
    client_body_temp_path {base}/body;
    proxy_temp_path {base}/proxy;
    fastcgi_temp_path {base}/fastcgi;
    uwsgi_temp_path {base}/uwsgi;
    scgi_temp_path {base}/scgi;
    include {base}/cec.conf;
}}
"""


class Front:
    """Two pools and nginx."""

    def __init__(self, base: Path, database_url: str, **settings: str) -> None:
        assert NGINX, f"nginx {MISSING}"
        self.base, self.port, plain, *self.pools = base, *free_ports(4)
        self.tls = ssl.create_default_context(cafile=str(certify(base)))
        named = {"443": self.port, "80": plain}
        site = SHIPPED.read_text().replace("/etc/cec/tls", str(base))
        for shipped, ours in {"127.0.0.1:8000": self.pools[0], "127.0.0.1:8001": self.pools[1]}.items():
            site = site.replace(shipped, f"{HOST}:{ours}")
        for shipped, ours in named.items():
            site = site.replace(f"listen {shipped}", f"listen {HOST}:{ours}")
        (base / "cec.conf").write_text(site)
        (base / "nginx.conf").write_text(MAIN.format(base=base, user="user root;" if os.getuid() == 0 else ""))
        self.environment = os.environ | {
            "DATABASE_URL": database_url, "CEC_DATA": str(base), "CEC_PROXIES": "1", "CEC_SECURE_COOKIES": "on",
        } | settings  # fmt: skip
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.opened: list[http.client.HTTPConnection | http.client.HTTPResponse] = []

    def __enter__(self) -> Self:
        for pool, port in zip(("pages", "live"), self.pools, strict=True):
            words = [sys.executable, "-m", "cec", "serve", "--pool", pool]
            self._start(pool, words, self.environment | {"PORT": str(port)})
        self._start("nginx", [str(NGINX), "-c", str(self.base / "nginx.conf")], dict(os.environ))
        try:
            for port in (*self.pools, self.port):
                await_port(port, lambda port=port: f"nobody listens on {port}")
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for each in self.opened:
            each.close()
        for process in reversed(self.running.values()):
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, name: str, words: list[str], environment: dict[str, str]) -> None:
        with (self.base / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(words, env=environment, stdout=log, stderr=log)  # noqa: S603

    def said(self) -> str:
        """Read what the processes said."""
        return "\n".join(path.read_text(errors="replace") for path in self.base.glob("*.log"))

    def workers(self, pool: str) -> list[int]:
        """List the processes that serve a pool."""
        pid = self.running[pool].pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill_a_worker(self, pool: str) -> None:
        """Kill one of them."""
        os.kill(self.workers(pool)[0], signal.SIGKILL)

    def connect(self, port: int | None = None) -> http.client.HTTPConnection:
        """Open a connection through nginx, or to a pool."""
        line: http.client.HTTPConnection
        if port:
            line = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
        else:
            line = http.client.HTTPSConnection("localhost", self.port, timeout=PATIENCE, context=self.tls)
        self.opened.append(line)
        return line


class Person:
    """Somebody signed in through nginx."""

    def __init__(self, front: Front, login: str, password: str) -> None:
        self.front, self.cookies, self.line = front, dict[str, str](), front.connect()
        self.ask("POST", "/login", login=login, password=password)
        status, _ = self.ask("POST", "/start", role="operator", branch_id=1, workplace_id=1)
        assert status == 303, front.said()

    def headers(self) -> dict[str, str]:
        """Say what a browser says."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookie, "Origin": f"https://localhost:{self.front.port}", "HX-Request-Type": "partial"}

    def ask(self, method: str, path: str, **fields: object) -> tuple[int, str]:
        """Send a request; gives status and text."""
        body = urllib.parse.urlencode(fields) if fields else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        self.line.request(method, path, body, self.headers() | kind)
        answer = self.line.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read().decode()

    def listen(self) -> "Stream":
        """Open a stream of live events."""
        return Stream(self)


class Stream:
    """One open stream."""

    def __init__(self, person: Person) -> None:
        self._line = person.front.connect()
        self._line.request("GET", "/live", headers=person.headers())
        self._answer = self._line.getresponse()
        person.front.opened.append(self._answer)
        self.status = self._answer.status

    def until(self, *names: str) -> float:
        """Read on until something of one of these names is told; gives the seconds it took."""
        began = time.monotonic()
        while (line := self._answer.readline()) and time.monotonic() < began + PATIENCE:
            kind, _, data = line.decode().partition(": ")
            if kind == "data" and {notice[0] for notice in json.loads(data)} & {*names}:
                return time.monotonic() - began
        message = f"the stream broke, or was silent, before {names}"
        raise AssertionError(message)
