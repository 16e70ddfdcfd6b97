"""The types that a DMN file defines, as types of FEEL."""

from collections.abc import Callable, Mapping
from typing import Any

from cec.dmn.boxes import Item
from cec.dmn.reading import Rules
from cec.feel.compiling import FeelSyntaxError, compile_unary_tests
from cec.feel.refusals import FeelError
from cec.feel.surroundings import Surroundings
from cec.feel.typing import ANY, Type, plain

MAX_DEPTH = 20


def types_of(rules: Rules) -> dict[str, Type]:
    """Give the types of a file by name, those of imported files as import.name."""
    found: dict[str, Type] = {}
    for one in rules.drawn.imports:
        prefix = f"{one.name}." if one.name else ""
        found.update({prefix + name: kind for name, kind in types_of(rules.imported[one.namespace]).items()})
    items = {item.name: item for item in rules.drawn.items}
    for item in rules.drawn.items:
        found[item.name] = _type(item, items, found, rules.spaced, 0)
    return found


def find(name: str, types: Mapping[str, Type]) -> Type:
    """Give the type of that name; one that nobody defines is any."""
    return plain(name) or types.get(name) or ANY


def _type(item: Item, items: Mapping[str, Item], known: Mapping[str, Type], spaced: frozenset[str], depth: int) -> Type:
    if depth > MAX_DEPTH:
        # A type that holds itself: how deep a value goes is up to the value.
        return ANY
    base = _base(item, items, known, spaced, depth + 1)
    allowed = _asking(item.allowed, spaced)
    if allowed and base.allowed:
        allowed = _both(allowed, base.allowed)
    base = Type(base.kind, base.item, base.entries, base.takes, base.gives, allowed or base.allowed)
    if item.is_list:
        return Type("list", item=base, allowed=_asking(item.constraint, spaced))
    constraint = _asking(item.constraint, spaced)
    if constraint:
        allowed = _both(constraint, base.allowed) if base.allowed else constraint
        return Type(base.kind, base.item, base.entries, base.takes, base.gives, allowed)
    return base


def _base(item: Item, items: Mapping[str, Item], known: Mapping[str, Type], spaced: frozenset[str], depth: int) -> Type:
    if item.parts:
        entries = tuple((part.name, _type(part, items, known, spaced, depth)) for part in item.parts)
        return Type("context", entries=entries)
    if item.takes is not None:
        takes = tuple(_named(name, items, known, spaced, depth) for name in item.takes)
        return Type("function", takes=takes or None, gives=_named(item.gives, items, known, spaced, depth))
    return _named(item.type, items, known, spaced, depth)


def _named(name: str, items: Mapping[str, Item], known: Mapping[str, Type], spaced: frozenset[str], depth: int) -> Type:
    if found := plain(name) or known.get(name):
        return found
    return _type(items[name], items, known, spaced, depth) if name in items else ANY


def _asking(text: str, spaced: frozenset[str]) -> Callable[[Any], Any] | None:
    """Make what asks a value whether it is allowed; a text that is no test allows everything."""
    if not text:
        return None
    try:
        test = compile_unary_tests(text, around=Surroundings(spaced, is_strict=False))
    except FeelSyntaxError:
        return None

    def allows(value: Any) -> Any:
        try:
            return test({"?": value})
        except FeelError:
            return False

    return allows


def _both(first: Callable[[Any], Any], second: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: first(value) is True and second(value) is True
