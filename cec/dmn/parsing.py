"""The XML of a DMN file, read with nothing fetched and nothing expanded."""

import re

from lxml import etree

from cec.platform.errors import Invalid
from cec.platform.i18n import gettext as _

MAX_SIZE = 4_000_000
# DMN 1.1 and newer; the model of tables has been the same since.
_MODELS = re.compile(
    r"https?://www\.omg\.org/spec/DMN/(20151101/dmn\.xsd|20180521/MODEL/|20191111/MODEL/|20211108/MODEL/"
    r"|20230324/MODEL/|2024[0-9]{4}/MODEL/)"
)
_DANGEROUS = re.compile("<!(DOCTYPE|ENTITY)")
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")


class UnreadableRules(Invalid):
    """This file cannot be read as a decision table: {reason}."""

    field = "text"


Node = etree._Element  # noqa: SLF001 - lxml has no public name for it


def root_of(text: str) -> Node:
    """Read the root of a DMN file.

    :raises UnreadableRules: when it is no DMN, too large, or holds what is dangerous to read.
    """
    root = _parsed(text)
    if not _MODELS.fullmatch(etree.QName(root).namespace or "") or etree.QName(root).localname != "definitions":
        raise UnreadableRules(reason=_("it is not DMN 1.1 or newer"))
    return root


def _parsed(text: str) -> Node:
    if len(text) > MAX_SIZE:
        raise UnreadableRules(reason=_("it is larger than {size} characters").format(size=MAX_SIZE))
    if dangerous := _DANGEROUS.search(text):
        line, begun = text.count("\n", 0, dangerous.start()) + 1, text.rfind("\n", 0, dangerous.start())
        raise UnreadableRules(reason=_place(line, dangerous.start() - begun, _("it holds a DOCTYPE")))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(_DECLARATION.sub("", text).encode(errors="replace"), parser)
    except etree.XMLSyntaxError as why:
        raise UnreadableRules(reason=_place(*why.position, _reason(why))) from None


def _place(line: int, column: int, why: str) -> str:
    return _("line {line}, column {column}: {why}").format(line=line, column=column, why=why)


def _reason(why: etree.XMLSyntaxError) -> str:
    """Give what the XML library says, without the place that it adds."""
    return str(why.msg or _("this is no XML")).partition(", line ")[0]


def kind(node: Node) -> str:
    """Give the name of an element without its namespace."""
    return str(node.tag).rpartition("}")[2]


def _space(node: Node) -> str:
    return str(node.tag).partition("}")[0] + "}"


def children(parent: Node, name: str = "") -> list[Node]:
    """Give the elements of DMN inside an element, all or those of a name."""
    space = _space(parent)
    if name:
        return parent.findall(space + name)
    return [child for child in parent if isinstance(child.tag, str) and child.tag.startswith(space)]


def child(parent: Node, *path: str) -> Node | None:
    """Give the element at a path of elements."""
    found: Node | None = parent
    for name in path:
        found = found.find(_space(parent) + name) if found is not None else None
    return found


def text_at(parent: Node, *path: str) -> str:
    """Give the text at a path of elements, empty when it is not there."""
    found = child(parent, *path)
    return "" if found is None else "".join(str(part) for part in found.itertext()).strip()


def attribute(node: Node | None, name: str) -> str:
    """Give an attribute, empty when it is not there."""
    return "" if node is None else " ".join(str(node.get(name) or "").split())
