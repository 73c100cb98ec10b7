"""Reports of a run, to read and to hand on; and logs of other engines, read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from rlm_desktop.errors import UsageError
from rlm_desktop.events import Recording
from rlm_desktop.reports.files import save

FORMATS = ("html", "md", "jsonl")


def render(recording: Recording, format: str) -> Iterator[str]:  # noqa: A002 - its name everywhere else
    """A run as a document of this format, in pieces.

    Args:
        recording: The run, complete or as far as it has come.
        format: One of `FORMATS`: ``html`` and ``md`` are to be read, ``jsonl`` is the log of the reference
            implementation, to be analysed or imported.

    Raises:
        UsageError: There is no such format.
        UserError: The run has not begun, or its record is damaged.
    """
    return _renderer(format)(recording)


def export(
    recording: Recording,
    format: str,  # noqa: A002
    path: Path,
    *,
    overwrite: bool = False,
) -> Path:
    """Write a run to a file, whole or not at all.

    Args:
        recording: The run, complete or as far as it has come.
        format: One of `FORMATS`.
        path: The file; its folder must exist.
        overwrite: Whether a file that exists may be replaced.

    Returns:
        The absolute path of the file written.

    Raises:
        UserError: The file exists or cannot be written, the format is unknown, or the run cannot be read.
    """
    return save(render(recording, format), path, overwrite=overwrite)


def _renderer(name: str) -> Callable[[Recording], Iterator[str]]:
    if name == "html":
        from rlm_desktop.reports.html import html

        return html
    if name == "md":
        from rlm_desktop.reports.markdown import markdown

        return markdown
    if name == "jsonl":
        from rlm_desktop.reports.log.write import log_lines

        return log_lines
    raise UsageError(f"There is no report format {name!r}.", f"Choose one of: {', '.join(FORMATS)}.")
