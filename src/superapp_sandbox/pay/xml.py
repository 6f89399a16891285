"""The flat XML of version 2: ``<xml><name>value</name>…</xml>``."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring


def parse(text: str) -> Element | None:
    """The ``xml`` element, or None (entities and outside references are refused too)."""
    try:
        root: Element = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    return root if root.tag == "xml" else None


def read(text: str) -> dict[str, str] | None:
    """The pairs of a flat document, or None when it is none."""
    root = parse(text)
    if root is None:
        return None
    return {child.tag: (child.text or "").strip() for child in root}


def write(fields: Mapping[str, str]) -> str:
    parts = (f"<{k}><![CDATA[{v.replace(']]>', ']]]]><![CDATA[>')}]]></{k}>" for k, v in fields.items())
    return "<xml>" + "".join(parts) + "</xml>"
