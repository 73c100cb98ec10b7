"""Python with its words told apart, as HTML; the colours are in the page's style sheet."""

from __future__ import annotations

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from rlm_desktop.events.visible import visible

_LEXER = PythonLexer(stripnl=False, ensurenl=False)
_FORMATTER = HtmlFormatter(nowrap=True)


def python_html(code: str) -> Markup:
    """The code in spans with Pygments' short classes, without a surrounding element."""
    return Markup(highlight(visible(code), _LEXER, _FORMATTER))  # noqa: S704 - the formatter escapes all text
