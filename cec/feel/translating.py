"""A regular expression of XPath written as one of RE2."""

import sys
import unicodedata
from functools import cache

from cec.feel.refusals import Mismatch
from cec.platform.i18n import gettext as _

FLAGS = frozenset("smix")
_LAST = sys.maxunicode
# Inside a class and, in brackets, outside: spaces, word signs and the signs of XML names.
_CLASSES = {
    "d": r"\p{Nd}", "D": r"\P{Nd}", "s": r"\t\n\r\x20", "S": r"\x00-\x08\x0b\x0c\x0e-\x1f\x21-\x{10ffff}",
    "w": r"\p{L}\p{M}\p{N}\p{S}", "W": r"\p{P}\p{Z}\p{C}", "i": r"\p{L}_:", "c": r"\p{L}\p{M}\p{N}_:.\-",
}  # fmt: skip
_OUTSIDE = {"I": r"[^\p{L}_:]", "C": r"[^\p{L}\p{M}\p{N}_:.\-]"}
_SIGNS = {"n": "\n", "r": "\r", "t": "\t"}
_PLAIN = frozenset("\\|.?*+(){}[]-^$")
_CATEGORIES = frozenset(
    f"{big}{small}"
    for big, smalls in {
        "L": "ultmo",
        "M": "nce",
        "N": "dlo",
        "P": "cdseifo",
        "Z": "slp",
        "S": "mcko",
        "C": "cfos",
    }.items()
    for small in ("", *smalls)
)
_BLOCKS = {
    "BasicLatin": (0x0, 0x7F), "Latin-1Supplement": (0x80, 0xFF), "LatinExtended-A": (0x100, 0x17F),
    "LatinExtended-B": (0x180, 0x24F), "IPAExtensions": (0x250, 0x2AF), "SpacingModifierLetters": (0x2B0, 0x2FF),
    "CombiningDiacriticalMarks": (0x300, 0x36F), "Greek": (0x370, 0x3FF), "GreekandCoptic": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF), "CyrillicSupplement": (0x500, 0x52F), "Armenian": (0x530, 0x58F),
    "Hebrew": (0x590, 0x5FF), "Arabic": (0x600, 0x6FF), "Syriac": (0x700, 0x74F), "Thaana": (0x780, 0x7BF),
    "Devanagari": (0x900, 0x97F), "Bengali": (0x980, 0x9FF), "Tamil": (0xB80, 0xBFF), "Thai": (0xE00, 0xE7F),
    "Tibetan": (0xF00, 0xFFF), "Georgian": (0x10A0, 0x10FF), "HangulJamo": (0x1100, 0x11FF),
    "Ethiopic": (0x1200, 0x137F), "Cherokee": (0x13A0, 0x13FF), "Mongolian": (0x1800, 0x18AF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF), "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F), "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF), "CombiningMarksforSymbols": (0x20D0, 0x20FF),
    "LetterlikeSymbols": (0x2100, 0x214F), "NumberForms": (0x2150, 0x218F), "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF), "MiscellaneousTechnical": (0x2300, 0x23FF),
    "BoxDrawing": (0x2500, 0x257F), "GeometricShapes": (0x25A0, 0x25FF), "MiscellaneousSymbols": (0x2600, 0x26FF),
    "Dingbats": (0x2700, 0x27BF), "CJKSymbolsandPunctuation": (0x3000, 0x303F), "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF), "Bopomofo": (0x3100, 0x312F), "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7A3), "PrivateUse": (0xE000, 0xF8FF),
}  # fmt: skip

Ranges = list[tuple[int, int]]


def translated(pattern: str, flags: str) -> str:
    """Write the pattern for RE2.

    :raises Mismatch: when it is no pattern of XPath, or one that refers back.
    """
    if set(flags) - FLAGS:
        raise Mismatch(_("the flags of a pattern are s, m, i and x"))
    inline = "".join(flag for flag in "im" if flag in flags)
    return (f"(?{inline})" if inline else "") + _Pattern(pattern, flags).written()


class _Pattern:
    def __init__(self, pattern: str, flags: str) -> None:
        self._pattern = pattern
        self._dot = r"(?s:.)" if "s" in flags else r"[^\n\r]"
        self._at = 0
        if "x" in flags:
            self._pattern = _without_space(pattern)

    def written(self) -> str:
        parts: list[str] = []
        while self._at < len(self._pattern):
            parts.append(self._next())
        return "".join(parts)

    def _next(self) -> str:
        sign = self._take()
        if sign == "\\":
            return self._escape()
        if sign == "[":
            return self._class()
        if sign == ".":
            return self._dot
        if sign == "(" and self._peek() == "?" and self._pattern[self._at : self._at + 2] != "?:":
            raise self._wrong()
        return sign

    def _escape(self) -> str:
        sign = self._take()
        if sign in "123456789":
            raise Mismatch(_("a pattern that refers back to what it found is not supported"))
        if sign in _OUTSIDE:
            return _OUTSIDE[sign]
        return f"[{self._escaped(sign)}]"

    def _escaped(self, sign: str) -> str:
        """Write what an escape stands for, as it stands in a class."""
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign in "pP":
            return self._property(turned=sign == "P")
        if sign in _SIGNS:
            return _code(ord(_SIGNS[sign]))
        if sign not in _PLAIN:
            raise self._wrong()
        return _code(ord(sign))

    def _property(self, *, turned: bool) -> str:
        if self._take() != "{":
            raise self._wrong()
        end = self._pattern.find("}", self._at)
        name = self._pattern[self._at : end] if end > 0 else ""
        self._at = end + 1
        if name in _CATEGORIES:
            return f"\\{'P' if turned else 'p'}{{{name}}}"
        block = _BLOCKS.get(name.removeprefix("Is"))
        if not name.startswith("Is") or block is None:
            raise self._wrong()
        return _written(_turned([block]) if turned else [block])

    def _class(self) -> str:
        """Read [a-z], [^a-z] or [a-z-[aeiou]]; what is taken away is worked out sign by sign."""
        is_turned = self._peek() == "^"
        self._at += is_turned
        items, without = self._items()
        if without is None:
            if not items:
                raise self._wrong()
            return f"[{'^' if is_turned else ''}{''.join(items)}]"
        ranges = _ranges(items)
        return f"[{_written(_less(_turned(ranges) if is_turned else ranges, without))}]"

    def _items(self) -> tuple[list[str], Ranges | None]:
        items: list[str] = []
        while (sign := self._take()) != "]":
            if sign == "-" and self._peek() == "[":
                self._at += 1
                is_turned = self._peek() == "^"
                self._at += is_turned
                inner, without = self._items()
                taken = _less(_ranges(inner), without or [])
                if self._take() != "]":
                    raise self._wrong()
                return items, _turned(taken) if is_turned else taken
            items.append(self._item(sign))
        return items, None

    def _item(self, sign: str) -> str:
        if sign == "[":
            raise self._wrong()
        first = self._escaped(self._take()) if sign == "\\" else _code(ord(sign))
        if self._peek() != "-" or self._pattern[self._at + 1 : self._at + 2] in {"[", "]", ""}:
            return first
        self._at += 1
        last = self._take()
        second = self._escaped(self._take()) if last == "\\" else _code(ord(last))
        if not (first.startswith(r"\x{") and second.startswith(r"\x{") and "-" not in first + second):
            raise self._wrong()
        return f"{first}-{second}"

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        if self._at >= len(self._pattern):
            raise self._wrong()
        self._at += 1
        return self._pattern[self._at - 1]

    def _wrong(self) -> Mismatch:
        return Mismatch(_("“{pattern}” is no regular expression").format(pattern=self._pattern[:40]))


def _without_space(pattern: str) -> str:
    """Leave out spaces that stand in no class."""
    kept, depth, is_escaped = list[str](), 0, False
    for sign in pattern:
        if depth == 0 and sign in " \t\n\r":
            continue
        if not is_escaped:
            depth += (sign == "[") - (sign == "]")
        is_escaped = sign == "\\" and not is_escaped
        kept.append(sign)
    return "".join(kept)


def _code(number: int) -> str:
    return f"\\x{{{number:x}}}"


def _written(ranges: Ranges) -> str:
    if not ranges:
        # No sign at all.
        return r"^\x00-\x{10ffff}"
    return "".join(f"{_code(low)}-{_code(high)}" for low, high in ranges)


def _turned(ranges: Ranges) -> Ranges:
    return _less([(0, _LAST)], ranges)


def _less(ranges: Ranges, without: Ranges) -> Ranges:
    """Take signs away."""
    left = sorted(ranges)
    for low, high in without:
        kept: Ranges = []
        for first, last in left:
            if first < low:
                kept.append((first, min(last, low - 1)))
            if last > high:
                kept.append((max(first, high + 1), last))
        left = kept
    return left


def _ranges(items: list[str]) -> Ranges:
    """Work out which signs the items of a class mean."""
    found: Ranges = []
    for item in items:
        for part in _pieces(item):
            found += part
    return found


def _pieces(item: str) -> list[Ranges]:
    if item.startswith((r"\p{", r"\P{")):
        pieces = [piece for piece in item.split("\\") if piece]
        return [
            _turned(_of_category(piece[2:].rstrip("}"))) if piece[0] == "P" else _of_category(piece[2:].rstrip("}"))
            for piece in pieces
        ]
    numbers = [int(piece.split("}")[0].lstrip("{"), 16) for piece in item.replace("-", "").split(r"\x") if piece]
    pairs = len(numbers) > 1 and "-" in item
    return [list(zip(numbers[::2], numbers[1::2], strict=True)) if pairs else [(one, one) for one in numbers]]


@cache
def _of_category(name: str) -> Ranges:
    found: Ranges = []
    for number in range(_LAST + 1):
        if unicodedata.category(chr(number)).startswith(name):
            if found and found[-1][1] == number - 1:
                found[-1] = (found[-1][0], number)
            else:
                found.append((number, number))
    return found
