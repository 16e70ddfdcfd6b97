"""What the web chat of a site is like: its colours and words, what it asks first, and where it may be shown."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from cec.platform import i18n

SIDES = ("right", "left")
THEMES = ("auto", "light", "dark")
# What is asked of a visitor before his first message: not at all, if he likes, or in any case.
ASKED = ("no", "may", "must")
ABOUT = ("name", "email", "phone")
_BLACK, _WHITE = "#000000", "#ffffff"


@dataclass(frozen=True)
class Words:
    """What a chat says in one language; what is empty the product says in its own words."""

    title: str = ""
    greeting: str = ""
    # What a visitor agrees to before he writes; empty: he is not asked.
    consent: str = ""
    # What is said outside the working hours.
    closed: str = ""


@dataclass(frozen=True)
class Looks:
    """The settings of a web chat, as its account keeps them."""

    # The code of the queue that its appeals enter; empty: the table `routing` says it.
    queue: str = ""
    # Sites that may show it: scheme, host and port, exactly as browsers say them.
    origins: tuple[str, ...] = ()
    color: str = "#2b5cad"
    side: str = SIDES[0]
    theme: str = THEMES[0]
    languages: tuple[str, ...] = tuple(i18n.LANGUAGES)
    # By what is asked about: one of ASKED.
    asks: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(ABOUT, ASKED[0]))
    # Where a site tells how it keeps data.
    privacy_url: str = ""
    # By language.
    words: Mapping[str, Words] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Give what the account keeps."""
        return {**asdict(self), "origins": list(self.origins), "languages": list(self.languages)}

    def speaks(self, language: str) -> str:
        """Choose the language for a visitor who wants this one."""
        return language if language in self.languages else self.languages[0]

    def said(self, language: str) -> Words:
        """Give the words of a language."""
        return self.words.get(language, Words())

    @property
    def any_consent(self) -> str:
        """Give what a visitor agrees to where his language does not say it; empty: he is not asked."""
        return next((words.consent for words in self.words.values() if words.consent), "")

    @property
    def on_color(self) -> str:
        """Give the colour of letters on the chat's own: whichever of black and white is read better there."""
        return _WHITE if contrast(self.color, _WHITE) >= contrast(self.color, _BLACK) else _BLACK


def read(config: Mapping[str, Any]) -> Looks:
    """Read the settings that an account keeps; what it does not tell is as usual."""
    known = {item.name: config[item.name] for item in fields(Looks) if item.name in config}
    for name in ("origins", "languages"):
        if name in known:
            known[name] = tuple(known[name])
    if "words" in known:
        known["words"] = {language: Words(**said) for language, said in known["words"].items()}
    return Looks(**known)


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours by WCAG 2.1: 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - the curve of sRGB
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
