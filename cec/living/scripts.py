"""What clients have on their minds, and what colleagues answer: read from the files in words/, drawn by chance."""

import datetime as dt
import random
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("ru", "en")
DOORS = ("mail", "chat", "app")
# How often a Russian client writes, of ten.
RUSSIANS = 0.75
_STREETS = ("Баумана, 17", "Декабристов, 106", "проспект Победы, 35", "Вишневского, 8", "Чистопольская, 61")
_DAYS = {"ru": ("завтра", "в четверг", "в субботу", "послезавтра"), "en": ("tomorrow", "on Thursday", "this week")}


@dataclass(frozen=True)
class Person:
    """Somebody who writes: to him everything else about him is a matter of the doors."""

    name: str
    mail: str
    language: str


@dataclass(frozen=True)
class Conversation:
    """What somebody wants; its fields are told in words/ru.toml."""

    name: str
    language: str
    doors: tuple[str, ...]
    subject: str
    says: tuple[str, ...]
    often: float = 1.0
    meanwhile: tuple[str, ...] = ()
    leaves: bool = False
    mark: int = 0
    photo: bool = False
    to: str = ""
    sender: str = ""

    def filled(self, words: str, facts: dict[str, str]) -> str:
        """Fill in what is another thing each time."""
        for name, value in facts.items():
            words = words.replace("{" + name + "}", value)
        return words


@dataclass(frozen=True)
class Reply:
    """What a colleague says to a matter, and where he files it."""

    language: str
    about: tuple[str, ...]
    topic: str
    resolution: str
    first: tuple[str, ...]
    then: tuple[str, ...]


@dataclass(frozen=True)
class Wits:
    """All that colleagues know how to say."""

    replies: tuple[Reply, ...]
    spam: tuple[str, ...]
    thanks: tuple[str, ...]
    # By language: hello, goodbye, any, then, later, handover, note.
    usual: dict[str, dict[str, Any]] = field(default_factory=dict)

    def is_spam(self, text: str) -> bool:
        """Tell whether a text is nothing that a shop answers."""
        return any(word in text.lower() for word in self.spam)

    def is_thanks(self, text: str) -> bool:
        """Tell whether the client is done."""
        return any(word in text.lower() for word in self.thanks)

    def reply_to(self, text: str, language: str) -> Reply | None:
        """Find what is said to such a matter."""
        small = text.lower()
        fitting = (reply for reply in self.replies if reply.language == language)
        return next((reply for reply in fitting if any(word in small for word in reply.about)), None)

    def say(self, language: str, what: str, chance: random.Random) -> str:
        """Say something usual, one of several ways of it."""
        words = self.usual[language][what]
        return str(chance.choice(words) if isinstance(words, list) else words)


def language_of(text: str) -> str:
    """Tell which language a text is in."""
    return "ru" if any("а" <= sign <= "я" for sign in text.lower()) else "en"


@cache
def conversations() -> tuple[Conversation, ...]:
    """Read what clients want, in all languages."""
    return tuple(
        _conversation(told, language) for language in LANGUAGES for told in _read(f"{language}.toml")["conversation"]
    )


def _conversation(told: dict[str, Any], language: str) -> Conversation:
    said = _fixed(told)
    said["sender"] = said.pop("from", "")
    return Conversation(language=language, **said)


def _fixed(told: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}


@cache
def people() -> tuple[Person, ...]:
    """Read who writes."""
    return tuple(
        Person(name, mail, language) for language, told in _read("people.toml").items() for name, mail in told["people"]
    )


@cache
def wits() -> Wits:
    """Read what colleagues answer."""
    told = _read("answers.toml")
    replies = tuple(Reply(**_fixed(each)) for each in told["answer"])
    usual = {language: told[language] for language in LANGUAGES}
    return Wits(replies, tuple(told["spam"]), tuple(told["thanks"]), usual)


def draw(chance: random.Random, *, door: str = "") -> Conversation:
    """Draw what somebody wants now, if need be of those who come by one door."""
    language = LANGUAGES[0] if chance.random() < RUSSIANS else LANGUAGES[1]
    fitting = [each for each in conversations() if each.language == language and (not door or door in each.doors)]
    return chance.choices(fitting, [each.often for each in fitting])[0]


def facts(chance: random.Random, language: str, today: dt.date) -> dict[str, str]:
    """Draw what is another thing each time."""
    return {
        "order": f"{today:%y}-{chance.randrange(1000, 9999)}",
        "sum": f"{chance.randrange(19, 890) * 100 - 10:,}".replace(",", " "),
        "day": chance.choice(_DAYS[language]),
        "street": chance.choice(_STREETS),
    }


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("cec.living.words").joinpath(name).read_text("utf-8"))
