"""An answer, which is Markdown that a model wrote, as HTML without a single link, image or raw tag."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

from rlm_desktop.events.visible import visible
from rlm_desktop.reports.code import python_html

_BELOW = 2
"""Levels that headings are moved down: the page's own come first."""


def _fit_the_page(state: StateCore) -> None:
    """Lower the headings, and drop the styles of table columns, which the page's policy forbids."""
    for token in state.tokens:
        token.attrs.pop("style", None)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1:]) + _BELOW)}"


def _highlight(code: str, language: str, _attributes: str) -> str:
    return str(python_html(code)) if language.lower() in {"python", "py", "repl"} else ""


def _reader() -> MarkdownIt:
    """Raw HTML stays text, and so does whatever would be a link: its address is then there to be seen."""
    reader = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False, "highlight": _highlight})
    reader.enable(["table", "strikethrough"])
    reader.disable(["link", "image", "autolink", "reference", "html_inline", "html_block"])
    reader.core.ruler.push("fit_the_page", _fit_the_page)
    return reader


_READER = _reader()


def prose_html(answer: str) -> Markup:
    """The answer as HTML to be put into a page as it is."""
    return Markup(_READER.render(visible(answer)))  # noqa: S704 - the reader escapes all text
