"""Bytes to text, whatever the label says: unknown, missing and wrong charsets, Russian ones first of all."""

import codecs
import re
from functools import lru_cache

# Names seen in mail that Python does not know, or knows as a smaller set than what is really sent.
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "ascii",
    "x-mac-cyrillic": "mac_cyrillic",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-6-i": "iso8859_6",
    "x-cp1251": "cp1251",
    "koi8-ru": "koi8_u",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
}
# Python's "text encodings" that are none.
_NOT_A_CHARSET = re.compile(r"idna|punycode|unicode.escape|undefined|mbcs|oem", re.IGNORECASE)
_ILLEGIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\ufeff]")
_RUSSIAN = ("cp1251", "koi8-r", "cp866", "iso8859-5")
# Labels that are put on anything.
_DOUBTFUL = frozenset({"", "ascii", "utf-8", "cp1252", *_RUSSIAN})
_TRUSTED = frozenset({"gb18030", "big5", "big5hkscs", "shift_jis", "cp866"})
_FREQUENT = frozenset("оеаинтсрвлОЕАИНТСРВЛ")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
# Capitals inside words and letters beside box drawings: the mark of a Russian text read by the wrong table.
_ODD = re.compile("[а-яё][А-ЯЁ]|[\u2500-\u25ff\u0080-\u009f\u0402-\u040f\u0452-\u045f]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_SAMPLE = 4096
# How Russian a reading must look at least, and how much more than the labelled one.
_LEAST, _MARGIN = 0.4, 0.2
# A word or two does not show its language: there a Russian label is believed.
_JUDGED = 16


def decode(content: bytes, label: str = "") -> str:
    """Turn bytes into text: as labelled if that can be, else as it most probably is; never fails."""
    name = codec(label)
    if content.isascii():
        seven = name.startswith(("iso2022", "hz", "utf-7", "utf-16", "utf-32"))
        return legible(content.decode(name if seven else "ascii", "replace"))
    return legible(content.decode(_probable(content, name), "replace"))


@lru_cache(maxsize=512)
def codec(label: str) -> str:
    """Find Python's name for a charset; empty when it is unknown."""
    name = re.split(r"[\s;,*?]", label.strip().strip("\"'<>").lower(), maxsplit=1)[0].removeprefix("charset=")
    name = _ALIASES.get(name, name)
    if not name or _NOT_A_CHARSET.match(name):
        return ""
    try:
        info = codecs.lookup(name)
        "x".encode(info.name)
    except (LookupError, ValueError):
        return ""
    return info.name


def legible(text: str) -> str:
    """Drop what no screen and no database shows: control characters, lone surrogates, byte order marks."""
    return _ILLEGIBLE.sub("", text)


def _probable(content: bytes, name: str) -> str:
    """Judge the label by the bytes; valid UTF-8 is practically never anything else by accident."""
    if name.startswith("iso2022") and _is(content, "cp932"):
        return "cp932"  # ISO-2022 has 7 bits only: the label is wrong
    if name in _TRUSTED or (name.startswith(("utf-16", "utf-32", "euc", "cp9")) and _is(content, name)):
        return name
    if _is(content, "utf-8"):
        return "utf-8"
    if name == "utf-8" and _nearly_utf8(content):
        return name
    if name in _DOUBTFUL:
        return _russian(content, name) or ("cp1252" if name in {"", "ascii", "utf-8"} else name)
    return name


def _nearly_utf8(content: bytes) -> bool:
    broken = content.decode("utf-8", "replace").count("\ufffd")
    return broken * 10 < len(content) - len(content.translate(None, bytes(range(128, 256))))


def _is(content: bytes, name: str) -> bool:
    try:
        content.decode(name)
    except UnicodeError:
        return False
    return True


def _russian(content: bytes, name: str) -> str:
    """Find the Russian charset that makes Russian of the bytes; empty when none does better than the label."""
    runs = _HIGH.findall(content[: 16 * _SAMPLE])
    high = b" ".join(runs)[:_SAMPLE]
    if not runs or sum(map(len, runs)) < 2 * len(runs):  # Western accents stand alone, Cyrillic letters stand in words
        return ""
    ranking = sorted(((_sense(high, table), table) for table in _RUSSIAN), reverse=True)
    best, table = ranking[0]
    if name in _RUSSIAN and len(high) < _JUDGED:
        return ""
    labelled = _sense(high, name) if name in _RUSSIAN else 0.0
    return table if best > max(labelled + _MARGIN, _LEAST) else ""


def _sense(high: bytes, table: str) -> float:
    text = high.decode(table, "replace")
    letters = len(_CYRILLIC.findall(text))
    if not letters:
        return 0.0
    frequent = sum(letter in _FREQUENT for letter in text) / len(text.replace(" ", ""))
    return frequent - len(_ODD.findall(text)) / letters
