"""Rows on their way into a tree: of each only the latest, so that many events cost a view no more than one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rlm_desktop.events import Row
from rlm_desktop.events.row import LIVE_TAIL


class Arrivals:
    """Collects rows until the tree takes them.

    Args:
        known: The row with a span as the tree has it.
    """

    def __init__(self, known: Callable[[int], Row | None]) -> None:
        self._known = known
        self._rows: dict[int, Row] = {}

    def add(self, rows: Iterable[Row], chunk: str = "", *, anew: bool = False) -> None:
        """Add what an event changed.

        Args:
            rows: The event's own row first.
            chunk: Text the first row streamed, for engines that leave ``live`` out of the row.
            anew: Whether it takes the place of what that row streamed before.
        """
        for row in self._streamed(rows, chunk, anew=anew):
            known = self._rows.get(row.span) or self._known(row.span)
            if (
                known is None or row.finished or not known.finished
            ):  # else a page that was read before it ended
                self._rows[row.span] = row

    def drain(self) -> list[Row]:
        """The rows to be taken in now."""
        rows, self._rows = list(self._rows.values()), {}
        return rows

    def _streamed(self, rows: Iterable[Row], chunk: str, *, anew: bool) -> Iterable[Row]:
        for row in rows:
            if row.status == "running" and not row.live:
                known = self._rows.get(row.span) or self._known(row.span)
                former = known.live if known is not None and not anew else ""
                row.live = (former + chunk)[-LIVE_TAIL:]
            yield row
            chunk, anew = "", False
