"""Every setting: name, type, default, environment variable. A wrong value refuses to start."""

import dataclasses
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# Which requests the web processes of a machine serve (`cec serve --pool`): all of them, all but the streams of live
# events, or those streams.
ALL, PAGES, LIVE = POOLS = ("all", "pages", "live")


class WrongSetting(Exception):
    """A setting has a value that cannot be used."""


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError
        return value

    read.__doc__ = f"a whole number from {low} to {high}"
    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError
        return text

    read.__doc__ = "one of " + ", ".join(words)
    return read


def _switch(text: str) -> bool:
    """on or off"""
    return {"on": True, "1": True, "yes": True, "off": False, "0": False, "no": False}[text.lower()]


def _path(text: str) -> Path:
    """a path"""
    return Path(text).expanduser().absolute()


def _text(text: str) -> str:
    """a text"""
    return text


def _site(text: str) -> str:
    """an address like https://help.example.org, without a path"""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError
    if parts.path not in {"", "/"} or parts.query or parts.fragment or parts.port == 0:
        raise ValueError
    return f"{parts.scheme}://{parts.netloc}"


def _database(text: str) -> str:
    """an address like postgresql://user:password@host:5432/name"""
    scheme, _, rest = text.partition("://")
    if not rest or scheme.split("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError
    return f"postgresql+psycopg2://{rest}"


def _setting(variable: str, default: Any, read: Callable[[str], Any]) -> Any:
    return field(default=default, metadata={"variable": variable, "read": read})


@dataclass(frozen=True)
class Settings:
    """What an installation decides."""

    # Where the private database, the files and the keys of this installation live.
    data: Path = _setting("CEC_DATA", Path("var").absolute(), _path)
    # The database; empty: a private PostgreSQL in the data folder.
    database_url: str = _setting("DATABASE_URL", "", _database)
    # Where people reach the pages. Loopback unless a proxy stands in front.
    host: str = _setting("HOST", "127.0.0.1", _text)
    port: int = _setting("PORT", 8000, _number(1, 65535))
    pool: str = _setting("CEC_POOL", ALL, _one_of(*POOLS))
    # Where clients reach the pages that letters lead to; empty: a demo centre says where it listens, others nothing.
    public_url: str = _setting("CEC_PUBLIC_URL", "", _site)
    # How many proxies stand in front, each of which says where a request really came from; none is believed with 0.
    proxies: int = _setting("CEC_PROXIES", 0, _number(0, 5))
    # Where mail programs hand over mail.
    smtp_host: str = _setting("SMTP_HOST", "127.0.0.1", _text)
    smtp_port: int = _setting("SMTP_PORT", 2525, _number(1, 65535))
    # Where Prometheus reads /metrics; never the public port.
    metrics_port: int = _setting("CEC_METRICS_PORT", 9464, _number(1, 65535))
    # Hosts of our own network to which events and answers may be sent, with commas between: crm.local, 127.0.0.1.
    inside_hosts: str = _setting("CEC_INSIDE_HOSTS", "", _text)
    # Fill an empty database with the demo centre.
    demo: bool = _setting("DEMO", True, _switch)  # noqa: FBT003
    # Let clients and colleagues live in the demo centre, so that there is always something to do.
    living: bool = _setting("CEC_LIVING", True, _switch)  # noqa: FBT003
    # The largest mail, message or file that is taken in, in MiB.
    max_megabytes: int = _setting("CEC_MAX_MEGABYTES", 25, _number(1, 500))
    # How long an answer can be taken back after Send, in seconds.
    undo_seconds: int = _setting("CEC_UNDO_SECONDS", 5, _number(0, 60))
    # How many appeals people may begin with one client within 24 hours; 0: any number.
    outgoing_per_day: int = _setting("CEC_OUTGOING_PER_DAY", 5, _number(0, 1000))
    # How long an offer rings, in seconds.
    ring_seconds: int = _setting("CEC_RING_SECONDS", 30, _number(5, 600))
    # Windows say that they live this often; without a word for so long an operator has no link and gets nothing new,
    # then his appeals go back to their queues. In seconds.
    heartbeat_seconds: int = _setting("CEC_HEARTBEAT_SECONDS", 15, _number(1, 60))
    link_lost_seconds: int = _setting("CEC_LINK_LOST_SECONDS", 60, _number(2, 3600))
    link_gone_seconds: int = _setting("CEC_LINK_GONE_SECONDS", 180, _number(3, 86400))
    # A visitor of a web chat whose browser is silent for so long has left. In seconds.
    visitor_gone_seconds: int = _setting("CEC_VISITOR_GONE_SECONDS", 120, _number(10, 86400))
    # Whoever comes back after so long without a word from his windows signs in again, in whatever role. In seconds.
    session_gone_seconds: int = _setting("CEC_SESSION_GONE_SECONDS", 600, _number(3, 86400))
    # Who touches nothing for so long while active is asked whether he is there, and a minute later gets nothing new
    # until he touches something; 0: never. In seconds.
    idle_seconds: int = _setting("CEC_IDLE_SECONDS", 300, _number(0, 86400))
    # What the page of leaving proposes for appeals in work; and whether they may wait for their operator.
    leaving: str = _setting("CEC_LEAVING", "return", _one_of("return", "keep", "group"))
    leaving_keep: bool = _setting("CEC_LEAVING_KEEP", False, _switch)  # noqa: FBT003
    # How much the centre's clock runs ahead, in seconds: for rehearsals.
    clock_shift: int = _setting("CEC_CLOCK_SHIFT", 0, _number(0, 10**9))
    # Cookies only over TLS; switch on behind a TLS proxy.
    secure_cookies: bool = _setting("CEC_SECURE_COOKIES", False, _switch)  # noqa: FBT003
    # Show /design, the page of all components: for those who build the product.
    development: bool = _setting("CEC_DEVELOPMENT", False, _switch)  # noqa: FBT003
    log_level: str = _setting("CEC_LOG_LEVEL", "INFO", _one_of("DEBUG", "INFO", "WARNING", "ERROR"))

    @property
    def address(self) -> str:
        """Give the address at which clients reach pages of this centre, without a slash at its end; empty: unknown."""
        return self.public_url or (f"http://{self.host}:{self.port}" if self.demo else "")

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment.

        :raises WrongSetting: names the variable, what it holds and what would be right.
        """
        values = {}
        for item in dataclasses.fields(cls):
            variable, read = item.metadata["variable"], item.metadata["read"]
            text = environment.get(variable, "").strip()
            if not text:
                continue
            try:
                values[item.name] = read(text)
            except (ValueError, KeyError):
                message = f"{variable} is {text!r}, expected {read.__doc__}"
                raise WrongSetting(message) from None
        return cls(**values)
