"""In which language a client writes: as he says, else by the letters of his first words."""

from cec.platform.i18n import mark

NAMES = {"ru": mark("Russian"), "en": mark("English")}


def judge(text: str) -> str | None:
    """Tell by letters: more Cyrillic than Latin ones is Russian, else English; without letters nothing is known."""
    cyrillic = sum("\u0400" <= sign <= "\u04ff" for sign in text)
    latin = sum(sign.isascii() and sign.isalpha() for sign in text)
    if cyrillic > latin:
        return "ru"
    return "en" if latin else None
