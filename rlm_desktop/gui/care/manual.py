"""The text of the help and the list of keys, made from the actions there are, so that they cannot be out of date."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QLocale
from PySide6.QtGui import QAction, QKeySequence

from rlm_desktop.config import shared_file
from rlm_desktop.gui.actions import ACTIONS, ActionSpec
from rlm_desktop.gui.care import matching
from rlm_desktop.gui.care.commands import menu_of, plain
from rlm_desktop.gui.look.words import tr

DO = "action:"
"""What a link that does something begins with; the name of the action follows."""
_WRAPPED = re.compile(r"\n +")
_MARK = re.compile(r"\{(do|key):(\w+)\}")


def keys_of(action: QAction) -> str:
    """The shortcuts of an action as this platform writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(key.toString(native) for key in action.shortcuts())


def help_text(actions: Mapping[str, QAction]) -> str:
    """The help as Markdown, with the keys and links of these actions.

    Raises:
        KeyError: It speaks of an action there is not.
    """

    def fill(match: re.Match[str]) -> str:
        kind, name = match.groups()
        action = actions[name]
        return f"{DO}{name}" if kind == "do" else f"**{keys_of(action)}**"

    return _MARK.sub(fill, _WRAPPED.sub(" ", _page()))


def _page() -> str:
    """In the person's language, if there is such a page."""
    language = QLocale().name()
    names = (f"help_{language}.md", f"help_{language.partition('_')[0]}.md", "help.md")
    pages = (shared_file("resources", "help", name) for name in names)
    return next(page for page in pages if page.is_file()).read_text("utf-8")


def shortcuts(actions: Mapping[str, QAction], typed: str = "") -> Iterator[tuple[str, Sequence[ActionSpec]]]:
    """Actions by menu, of those that match what was typed in their names, keys or descriptions."""
    menus: dict[str, list[ActionSpec]] = {}
    for spec in ACTIONS:
        if spec.name not in actions:
            continue
        said = (
            f"{plain(tr(spec.text))} {keys_of(actions[spec.name])} {tr(spec.tip)} {menu_of(spec)}".casefold()
        )
        if all(word in said for word in matching.words(typed)):
            menus.setdefault(menu_of(spec), []).append(spec)
    yield from menus.items()


def shortcuts_html(actions: Mapping[str, QAction], typed: str = "") -> Iterator[str]:
    """Tables of the keys, one for each menu, to be read and printed; none if nothing matches."""
    for menu, specs in shortcuts(actions, typed):
        rows = []
        for spec in specs:
            cells = (plain(tr(spec.text)), keys_of(actions[spec.name]) or "–", tr(spec.tip))
            name, key, tip = map(html.escape, cells)
            rows.append(
                f'<tr><td width="32%">{name}</td><td width="22%"><b>{key}</b></td><td width="46%">{tip}</td></tr>'
            )
        table = f'<table width="100%" cellpadding="4">{"".join(rows)}</table>'
        yield f"<h3>{html.escape(menu)}</h3>{table}"
