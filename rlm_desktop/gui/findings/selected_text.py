"""What is selected in a page of prose, as plain text: cells of a table with tabs between them, a row a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from PySide6.QtGui import QTextBlock, QTextCursor, QTextTable

_BREAK = "\u2028"
"""Ends a line within a paragraph."""


def selected_text(cursor: QTextCursor) -> str:
    """The selection of a cursor; of a table no more than the cells that are marked."""
    table = _table_at(cursor.block())
    if table is not None and cursor.hasComplexSelection():
        row, rows, column, columns = cast("tuple[int, int, int, int]", cursor.selectedTableCells())
        return "\n".join(
            "\t".join(_cell(table, one, other) for other in range(column, column + columns))
            for one in range(row, row + rows)
        )
    return "".join(_passages(cursor)).removeprefix("\n")


def cell_text(cursor: QTextCursor) -> str | None:
    """The text of the cell a cursor is in; ``None`` outside of tables."""
    table = _table_at(cursor.block())
    if table is None:
        return None
    cell = table.cellAt(cursor)
    return _cell(table, cell.row(), cell.column())


def is_in_table(cursor: QTextCursor) -> bool:
    """Whether all that is selected stands in one table."""
    ends = (cursor.selectionStart(), cursor.selectionEnd())
    first, last = (_table_at(cursor.document().findBlock(end)) for end in ends)
    return first is not None and last is not None and first.firstPosition() == last.firstPosition()


def _passages(cursor: QTextCursor) -> Iterator[str]:
    """Each block of the selection after what parts it from the one before: a tab between the cells of a row."""
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    block, row = cursor.document().findBlock(start), None
    while block.isValid() and block.position() <= end:
        table = _table_at(block)
        text = block.text()[max(0, start - block.position()) : end - block.position()]
        here = None if table is None else (table.firstPosition(), table.cellAt(block.position()).row())
        if here is not None and here == row:
            yield "\t" + _on_one_line(text)
        elif here is not None:
            yield "\n" + _on_one_line(text)
        elif text.strip(
            "\u00a0"
        ):  # lines across the page, and what stands between the parts of a long table, say nothing
            yield "\n" + text.replace(_BREAK, "\n")
        row = here
        block = block.next()


def _table_at(block: QTextBlock) -> QTextTable | None:
    return QTextCursor(block).currentTable()


def _cell(table: QTextTable, row: int, column: int) -> str:
    cell = table.cellAt(row, column)
    cursor = cell.firstCursorPosition()
    cursor.setPosition(cell.lastPosition(), QTextCursor.MoveMode.KeepAnchor)
    return _on_one_line(cursor.selectedText())


def _on_one_line(text: str) -> str:
    return " ".join(text.replace("\t", " ").split(_BREAK))
