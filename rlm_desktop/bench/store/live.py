"""The window while events stream into it, and a long run opened in it: measured in the window's own process."""

from __future__ import annotations

import os

import msgspec

from rlm_desktop.bench.foreign_process import open_process
from rlm_desktop.bench.section import Section, Table
from rlm_desktop.bench.store.plan import Plan
from rlm_desktop.config import Settings
from rlm_desktop.processes import DISPLAYS, own_command

ASKED_GAP, ASKED_OPEN, ASKED_BYTES = 0.016, 1.0, 1_000
"""Seconds that 99 of 100 turns of the event loop may take and the opening of a long run may, bytes a row may."""


class Gaps(msgspec.Struct, frozen=True):
    """Seconds between two turns of the window's event loop."""

    p50: float
    p99: float
    longest: float

    def cells(self) -> tuple[str, str, str]:
        """In milliseconds."""
        return f"{self.p50 * 1000:.1f}", f"{self.p99 * 1000:.1f}", f"{self.longest * 1000:.1f}"


class Fed(msgspec.Struct, frozen=True, tag="fed"):
    """What the window took in, in how many seconds."""

    events: int
    seconds: float
    gaps: Gaps


class Shown(msgspec.Struct, frozen=True, tag="shown"):
    """A long run: seconds until it was painted, its rows, the gaps while it was scrolled, bytes a row."""

    seconds: float
    rows: int
    scrolling: Gaps
    bytes_a_row: float


class Live(Section, frozen=True, kw_only=True):
    """Both.

    Attributes:
        rate: Events a second that were to come.
        events: Of the long run.
        fed: What came of the stream.
        shown: What came of the long run.
    """

    rate: int
    events: int
    fed: Fed
    shown: Shown

    def tables(self) -> list[Table]:
        """The gaps; below them the rest."""
        fed, shown = self.fed, self.shown
        rows = (
            (f"{self.rate:,} events a second come", *fed.gaps.cells()),
            (f"{shown.rows:,} rows are scrolled", *shown.scrolling.cells()),
        )
        remarks = (
            f"{fed.events:,} events came in {fed.seconds:.1f} s: {fed.events / fed.seconds:,.0f} a second.",
            f"A run of {self.events:,} events was painted after {shown.seconds:.2f} s; "
            f"{shown.bytes_a_row:,.0f} bytes of memory a row.",
            f"Asked: a gap of {ASKED_GAP * 1000:.0f} ms at most in 99 of 100, opened in {ASKED_OPEN:g} s, "
            f"{ASKED_BYTES:,} bytes a row.",
        )
        return [Table(self.name, ("gaps of the event loop, ms", "p50", "p99", "longest"), rows, remarks)]


async def measure_live(plan: Plan, settings: Settings, run: str) -> Live:
    """Open a window on a made-up engine.

    Args:
        plan: How many events, and how quickly.
        settings: Where the long run is stored.
        run: Its id.

    Raises:
        UserError: No window can be opened here.
    """
    feeder = own_command(
        "rlm_desktop.bench.store.feeder", str(settings.home), str(plan.rate), str(plan.seconds)
    )
    decoder = msgspec.json.Decoder(Fed | Shown)
    hint = "`rlm-desktop doctor` says what is missing."
    module = "rlm_desktop.gui.live_probe"
    arguments = (str(settings.home), run, *feeder)
    screen = {} if any(name in os.environ for name in DISPLAYS) else {"QT_QPA_PLATFORM": "offscreen"}
    async with open_process("The window", hint, module, *arguments, replies=decoder, **screen) as window:
        shown, fed = await window.next_reply(), await window.next_reply()
    if not isinstance(shown, Shown) or not isinstance(fed, Fed):
        raise window.failure("said something else than it was asked")
    return Live(name="the window, live", rate=plan.rate, events=plan.events, fed=fed, shown=shown)
