"""What our own mail server found out about a sender: SPF, DKIM, DMARC (RFC 8601), told to whoever reads the letter.

Only results under the name that the mailbox trusts count, and of them the topmost: anybody can write such a header.
Signatures are not checked here: that takes questions to the DNS, and the server that received the mail has asked them.
"""

import re
from dataclasses import dataclass

from cec.channels.email.headers import Headers, text

PASS, FAIL = "pass", "fail"
MOST = 20
_COMMENT = re.compile(r"\([^()]*\)")
_METHOD = re.compile(r"\s*(spf|dkim|dmarc)(?:/\d+)?\s*=\s*(\w+)", re.IGNORECASE)
_DOMAIN = re.compile(r"\b(header\.d|header\.i|smtp\.mailfrom|smtp\.helo)\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_SERVER = re.compile(r"\s*\"?([\w.:-]{1,253})\"?")


@dataclass(frozen=True)
class Check:
    """What one server found: results by method, and the domains that vouch for the mail."""

    server: str
    results: dict[str, str]
    # Domains whose SPF or DKIM passed.
    vouching: tuple[str, ...] = ()

    def verdict(self, sender: str) -> str:
        """Judge a sender's address: pass, fail, or empty when nothing is certain."""
        domain = sender.rpartition("@")[2].lower()
        if self.results.get("dmarc") in {PASS, FAIL}:
            return self.results["dmarc"]
        if any(_aligned(domain, other) for other in self.vouching):
            return PASS
        tried = [self.results[method] for method in ("spf", "dkim") if method in self.results]
        return FAIL if FAIL in tried and PASS not in tried else ""

    def facts(self, sender: str) -> dict[str, str]:
        """Give what is kept with the message: {"verdict", "by", "spf", "dkim", "dmarc"}."""
        return {"verdict": self.verdict(sender), "by": self.server, **self.results}


def read(headers: Headers) -> list[Check]:
    """Read all results in a mail, the topmost first."""
    found = [text(value) for name, value in headers.fields if name == "authentication-results"]
    return [check for check in map(_check, found[:MOST]) if check is not None]


def facts(headers: Headers, sender: str) -> dict[str, dict[str, str]]:
    """Give what each server found about a sender, by the server's name; the topmost of a name counts."""
    return {check.server: check.facts(sender) for check in reversed(read(headers))}


def _check(line: str) -> Check | None:
    named = _SERVER.match(line)
    if named is None:
        return None
    results: dict[str, str] = {}
    vouching = []
    for piece in _COMMENT.sub(" ", line).split(";")[1:]:
        method = _METHOD.match(piece)
        if method is None:
            continue
        name, result = method[1].lower(), method[2].lower()
        # One of several signatures is enough.
        if results.get(name) != PASS:
            results[name] = result
        if result == PASS and name != "dmarc":
            vouching += [domain.rpartition("@")[2].lower() for _, domain in _DOMAIN.findall(piece)]
    return Check(named[1].lower(), results, tuple(dict.fromkeys(vouching)))


def _aligned(domain: str, other: str) -> bool:
    """Tell whether a domain is another one, or below it, or above it."""
    if not domain or "." not in other:
        return False
    return domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}")
