"""A DMN file in the words of the viewer in the browser, which knows DMN 1.3 and no annotations of rows."""

import re

from lxml import etree

from cec.dmn.parsing import Node, child, root_of, text_at

_MODEL = re.compile(
    r"https?://www\.omg\.org/spec/DMN/(?:20151101/dmn\.xsd|(?:20180521|20211108|20230324|2024[0-9]{4})/(MODEL|DMNDI)/)"
)


def for_viewer(text: str) -> str:
    """Say an older or newer file in the words of DMN 1.3, with the reason of each row where the viewer looks for it.

    :raises UnreadableRules: when it is no DMN, or dangerous to read.
    """
    root = root_of(text)
    for rule in root.iter(f"{{{etree.QName(root).namespace}}}rule"):
        _explain(rule)
    written = str(etree.tostring(root, encoding="unicode"))
    return _MODEL.sub(lambda found: f"https://www.omg.org/spec/DMN/20191111/{found[1] or 'MODEL'}/", written)


def _explain(rule: Node) -> None:
    reason = text_at(rule, "annotationEntry", "text")
    if reason and child(rule, "description") is None:
        description = etree.Element(f"{{{etree.QName(rule).namespace}}}description")
        description.text = reason
        rule.insert(0, description)
