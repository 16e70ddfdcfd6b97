"""Create and change the web chat of a site; its secret for signed visitors is kept encrypted and shown once."""

import re
import secrets
from urllib.parse import urlsplit

from cec.channels import accounts
from cec.channels.accounts import CodeTaken, NameMissing, WrongCode
from cec.channels.models import ChannelAccount
from cec.channels.webchat.looks import ABOUT, ASKED, SIDES, THEMES, Looks
from cec.platform import i18n, journal
from cec.platform.db import db
from cec.platform.errors import InvalidFields
from cec.platform.i18n import gettext, mark

CHANNEL = "webchat"
SECRET = "identity"  # noqa: S105 - the name under which it is kept
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_COLOR = re.compile(r"#[0-9a-f]{6}")
MOST_ORIGINS = 50
LONGEST_WORDS = 500
NOT_AN_ORIGIN = mark("“{text}” is not the address of a site: write one like https://shop.example, without a path.")
TOO_MANY_ORIGINS = mark("A chat may be shown on {limit} sites at most.")
NOT_A_COLOR = mark("A colour is # and six digits or letters from a to f, for example #2b5cad.")
NO_LANGUAGE = mark("Choose at least one language.")
NOT_A_PAGE = mark("Enter an address that begins with https://, or leave it empty.")
WORDS_TOO_LONG = mark("This may have {limit} characters at most.")


def create(*, name: str, code: str, looks: Looks, by: str) -> ChannelAccount:
    """Add a web chat.

    :raises Invalid: at the fields that are wrong.
    """
    if not _CODE.fullmatch(code):
        raise WrongCode
    if db.session.scalar(db.select(ChannelAccount.id).where(ChannelAccount.code == code)):
        raise CodeTaken
    account = ChannelAccount(channel=CHANNEL, code=code, cursor={}, is_active=True)
    _fill(account, name, looks)
    db.session.add(account)
    db.session.flush()
    journal.record("account.created", f"account:{account.id}", by=by, code=code)
    return account


def change(account: ChannelAccount, *, name: str, looks: Looks, is_active: bool, by: str) -> None:
    """Change a web chat; one that is not active is shown nowhere, what was said in it stays.

    :raises Invalid: at the fields that are wrong.
    """
    _fill(account, name, looks)
    account.is_active = is_active
    journal.record("account.changed", f"account:{account.id}", by=by)


def renew_secret(account: ChannelAccount, *, by: str) -> str:
    """Make the secret with which a site signs who its visitor is; the one before counts no more."""
    secret = secrets.token_urlsafe(32)
    accounts.keep_passwords(account, {SECRET: secret})
    journal.record("account.secret_renewed", f"account:{account.id}", by=by)
    return secret


def origin_of(text: str) -> str | None:
    """Give a site as browsers say it: scheme, host, port unless it is the usual one; None when it is none."""
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except (ValueError, UnicodeError):
        return None
    is_bare = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in {"https", "http"} or not re.fullmatch(r"[a-z0-9.-]{1,253}", host) or not is_bare:
        return None
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, usual} else "")


def _fill(account: ChannelAccount, name: str, looks: Looks) -> None:
    name = " ".join(name.split())
    if not name:
        raise NameMissing
    errors = _wrong(looks)
    if errors:
        raise InvalidFields(errors)
    account.name, account.config = name, looks.facts()
    account.address = looks.origins[0] if looks.origins else account.code


def _wrong(looks: Looks) -> dict[str, str]:
    errors = _wrong_sites(looks)
    if not _COLOR.fullmatch(looks.color):
        errors["color"] = gettext(NOT_A_COLOR)
    if not looks.languages or set(looks.languages) - set(i18n.LANGUAGES):
        errors["languages"] = gettext(NO_LANGUAGE)
    if looks.privacy_url and not re.fullmatch(r"https?://[^\s\"<>]{1,500}", looks.privacy_url):
        errors["privacy_url"] = gettext(NOT_A_PAGE)
    for language, words in looks.words.items():
        for what in ("title", "greeting", "consent", "closed"):
            if len(getattr(words, what)) > LONGEST_WORDS:
                errors[f"{what}_{language}"] = gettext(WORDS_TOO_LONG).format(limit=LONGEST_WORDS)
    assert looks.side in SIDES
    assert looks.theme in THEMES
    assert all(looks.asks.get(about) in ASKED for about in ABOUT)
    return errors


def _wrong_sites(looks: Looks) -> dict[str, str]:
    if len(looks.origins) > MOST_ORIGINS:
        return {"origins": gettext(TOO_MANY_ORIGINS).format(limit=MOST_ORIGINS)}
    wrong = next((text for text in looks.origins if origin_of(text) != text), None)
    return {} if wrong is None else {"origins": gettext(NOT_AN_ORIGIN).format(text=wrong[:100])}
