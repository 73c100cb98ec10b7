"""The live tree on a terminal, or a line for each finished row when there is none. On standard error."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from rlm_desktop.cli.output import aside, aside_console, print_line
from rlm_desktop.cli.words import one_line, row_line
from rlm_desktop.events import AnyEvent, CallDelta, CellOutput, LimitReached, Note, Row, RunState
from rlm_desktop.models.notices import ModelNotice

REFRESH = 8
"""Repaints a second on a terminal."""


class TreeView:
    """Shows a run while it goes. Use as a context manager."""

    def __init__(self) -> None:
        self._console = aside_console()
        self._state: RunState | None = None
        self._notice = self._printed = ""
        self._live = Live(self, console=self._console, refresh_per_second=REFRESH, transient=True)

    @property
    def live(self) -> bool:
        """Whether there is a terminal that somebody may watch."""
        return self._console.is_terminal

    def __enter__(self) -> TreeView:
        if self.live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self.live:
            return
        self._live.stop()
        if self._state:
            for line in tree_lines(self._state):
                print_line(self._console, line)

    def on_event(self, event: AnyEvent, rows: list[Row], state: RunState) -> None:
        """A stored event and the rows it changed."""
        self._state = state
        if self.live or isinstance(event, CallDelta | CellOutput):
            return
        row = rows[0]
        if isinstance(event, Note | LimitReached):
            aside(f"  · {one_line(row.notes[-1])}")
        elif row.finished or row.kind in {"run", "turn"}:
            aside(row_line(row, _depth(state, row)))

    def on_notice(self, notice: ModelNotice) -> None:
        """What a model is doing."""
        text = one_line(notice.text or f"{notice.model}: {notice.state}")
        self._notice = "" if notice.state in {"ready", "generating", "unloaded"} else text
        still_loading = notice.state == "loading" and notice.rate > 0  # a line for its beginning is enough
        if self._notice not in {"", self._printed} and not still_loading and not self.live:
            self._printed = text  # two programs that take turns wait for each other again and again
            aside(f"  · {text}")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = tree_lines(self._state) if self._state else []
        room = max(4, options.size.height - 3)
        if len(lines) > room:
            yield Text(f"  … {len(lines) - room} more above", style="dim")
        yield from lines[-room:]
        if self._notice:
            yield Text(f"  · {self._notice}", style="dim")


def tree_lines(state: RunState, *, provenance: bool = False) -> list[Text]:
    """The tree, a line for each row; below each what was remarked about it.

    Args:
        state: The run.
        provenance: Whether to say what of the documents each cell showed, and the models have seen in all.
    """
    lines = []
    for row, depth in walk(state):
        lines += [row_line(row, depth), *(_remark(note, depth) for note in row.notes)]
        if provenance and row.provenance and row.kind in {"run", "cell"}:
            lines.append(_remark(row.provenance, depth))
    return lines


def _remark(note: str, depth: int) -> Text:
    return Text(f"{'  ' * depth}  · {one_line(note)}", "dim")


def walk(state: RunState, span: int = 0, depth: int = 0) -> list[tuple[Row, int]]:
    """Each row of the tree with its depth, top to bottom."""
    row = state.rows[span]
    found = [(row, depth)]
    for child in state.children(span):
        found += walk(state, child.span, depth + 1)
    return found


def _depth(state: RunState, row: Row) -> int:
    depth = 0
    while row.span:
        row = state.above(row)
        depth += 1
    return depth
