"""A visitor of a shop's site: what his widget sends and reads, without its browser."""

import io
import uuid

from flask.testing import FlaskClient

from cec.appeals import delivering
from cec.channels.models import ChannelAccount
from cec.channels.webchat import founding
from cec.channels.webchat.looks import Looks
from cec.platform import work
from cec.platform.db import db

SHOP = "https://shop.example"
CODE = "shop-chat"


def a_webchat(code: str = CODE, **looks: object) -> ChannelAccount:
    """The chat on the shop's site."""
    account = db.session.scalars(db.select(ChannelAccount).where(ChannelAccount.code == code)).one_or_none()
    if account is None:
        wanted = Looks(**{"origins": (SHOP,), **looks})
        account = founding.create(name="Чат магазина", code=code, looks=wanted, by="system")
        db.session.commit()
    return account


def everything_is_done() -> None:
    """The worker takes in what came, and sends what is due."""
    db.session.commit()
    while work.run_due() or delivering.deliver_due():
        pass
    db.session.expire_all()


class Visitor:
    """Somebody on the shop's site."""

    def __init__(self, browser: FlaskClient, *, code: str = CODE, origin: str | None = SHOP, **identity: str) -> None:
        self.browser, self.code, self.origin = browser, code, origin
        self.welcome = self.ask("POST", "visitors", {"identity": identity or None}, known=False)
        self.token = self.welcome.json.get("token", "")

    def ask(self, method, path, body=None, *, known=True, language="en", **headers):
        """Ask a door of the chat."""
        if self.origin:
            headers["Origin"] = self.origin
        if known:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        headers |= {"Accept": "application/json", "Accept-Language": language}
        path = path if path.startswith("/") else f"/webchat/{self.code}/{path}"
        return self.browser.open(path, method=method, json=body, headers=headers, query_string={"language": language})

    def writes(self, text="Пройдёт ли он в лифт?", *, id=None, files=(), told=None, **more):  # noqa: A002
        """Send a message."""
        place = {"page": f"{SHOP}/shelf", "title": "Стеллаж"}
        facts = {"id": id or str(uuid.uuid4()), "text": text, "files": list(files), "told": told or {}}
        return self.ask("POST", "messages", {**facts, **place, **more})

    def attaches(self, name, content, kind="application/octet-stream"):
        """Upload a file."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en", "Origin": self.origin}
        form = {"file": (io.BytesIO(content), name, kind)}
        return self.browser.post(f"/webchat/{self.code}/files", data=form, headers=headers)

    def sees(self):
        """What his widget shows."""
        return self.ask("GET", "conversation").json

    def lines(self):
        """The words he sees, his own with a mark."""
        return [("> " if line["mine"] else "") + line["text"] for line in self.sees()["lines"]]

    def pulse(self, **facts):
        """His widget says that he is there."""
        return self.ask("POST", "pulse", facts)


def wrong_fields(answer):
    """Which fields an answer says are wrong."""
    return {each["path"] for each in answer.json.get("errors", [])}
