"""``bench store`` from its first to its last figure."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from rlm_desktop.bench.section import Section, Table, Tell
from rlm_desktop.bench.store.live import ASKED_OPEN, measure_live
from rlm_desktop.bench.store.plan import Part, Plan
from rlm_desktop.bench.store.story import Story, beginning, ending, middle, turns
from rlm_desktop.config import Settings
from rlm_desktop.engine.recorder import Recorder
from rlm_desktop.events import encode, fold
from rlm_desktop.store import Store

RUN = "bench-long"
_RECORDED = 20_000
"""Events that are recorded with a stopwatch."""


class Record(Section, frozen=True, kw_only=True):
    """Events stored one by one, each with its texts and a commit of its own.

    Attributes:
        events: How many.
        seconds: With our store.
        bare: Seconds for the same events and texts as rows of two tables, with nothing but `sqlite3`.
        text: Bytes of all different texts.
        size: Bytes of our file.
        bare_size: Bytes of the other.
    """

    events: int
    seconds: float
    bare: float
    text: int
    size: int
    bare_size: int

    def tables(self) -> list[Table]:
        """Both, and their ratios."""
        rows = tuple(
            (name, f"{self.events / seconds:,.0f}", f"{size / 1e6:.1f}", f"{size / self.text:.2f}")
            for name, seconds, size in (
                ("rlm-desktop", self.seconds, self.size),
                ("bare sqlite3", self.bare, self.bare_size),
            )
        )
        remark = f"{self.seconds / self.bare:.2f} of its time, {self.size / self.bare_size:.2f} of its size."
        return [Table(self.name, ("", "events/s", "MB", "MB per MB of text"), rows, (remark,))]


class Open(Section, frozen=True, kw_only=True):
    """A long run read back and folded, as the engine does before a window can show it.

    Attributes:
        events: How many.
        read: Seconds to read and decode them.
        fold: Seconds to fold them.
    """

    events: int
    read: float
    fold: float

    def tables(self) -> list[Table]:
        """Each step and the whole, and its part of the time in which a run is to be on show."""
        steps = {"read": self.read, "fold": self.fold, "both": self.read + self.fold}
        rows = tuple(
            (name, f"{seconds:.2f}", f"{self.events / seconds:,.0f}") for name, seconds in steps.items()
        )
        remark = (
            f"{steps['both'] / ASKED_OPEN:.2f} of the {ASKED_OPEN:g} s in which a long run is to be painted."
        )
        return [Table(self.name, ("", "s", "events/s"), rows, (remark,))]


async def measure(plan: Plan, tell: Tell) -> AsyncGenerator[Section]:
    """Measure what the plan says; each section is yielded as soon as it is finished.

    Args:
        plan: What to measure.
        tell: Told what is being done.

    Raises:
        UserError: The disk refuses, or no window can be opened here.
    """
    parts: dict[Part, Callable[[Plan, Path, Tell], AsyncGenerator[Section]]] = {
        "record": _record,
        "open": _open,
        "live": _live,
    }
    for part in plan.parts:
        with TemporaryDirectory(prefix="rlm-desktop-bench-") as folder:
            async with aclosing(parts[part](plan, Path(folder), tell)) as sections:
                async for section in sections:
                    yield section


async def _record(plan: Plan, folder: Path, tell: Tell) -> AsyncGenerator[Section]:
    events = min(plan.events, _RECORDED)
    tell(f"recording {events:,} events …")
    yield await asyncio.to_thread(_recorded, folder, events)


def _recorded(folder: Path, events: int) -> Record:
    texts: dict[str, str] = {}
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    with Store(folder / "store.db", folder / "locks") as store:
        recorder = Recorder(RUN, store, lambda *_: None)
        began = time.perf_counter()
        write(recorder, events, texts)
        ours = time.perf_counter() - began
        stored = list(store.events(RUN))
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = NORMAL")
    bare.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, body BLOB)")
    bare.execute("CREATE TABLE texts (name TEXT PRIMARY KEY, body TEXT)")
    waiting = iter(texts.items())
    share = len(texts) / len(stored)
    began, due = time.perf_counter(), 0.0
    for event in stored:
        bare.execute("BEGIN")
        bare.execute("INSERT INTO events VALUES (?, ?)", (event.seq, encode(event)))
        due += share
        bare.executemany("INSERT INTO texts VALUES (?, ?)", islice(waiting, int(due)))
        due -= int(due)
        bare.execute("COMMIT")
    seconds = time.perf_counter() - began
    bare.close()
    return Record(
        name="events recorded", events=events, seconds=ours, bare=seconds,
        text=sum(len(text.encode()) for text in texts.values()),
        size=_size(folder, "store.db"), bare_size=_size(folder, "bare.db"),
    )  # fmt: skip


def write(
    recorder: Recorder, events: int, texts: dict[str, str] | None = None, story: Story = middle
) -> None:
    """Record a run of so many events.

    Args:
        recorder: Records it.
        events: How many, its first and its last included.
        texts: Gets its long texts, by hash.
        story: What happens in it.
    """

    def keep(text: str) -> str:
        name = recorder.keep(text)
        if texts is not None:
            texts[name] = text
        return name

    recorder.emit(beginning(recorder.run))
    for event in islice(story(recorder.run, keep), events - 2):
        recorder.emit(event)
    recorder.emit(ending(recorder.run))


def _size(folder: Path, name: str) -> int:
    return sum(file.stat().st_size for file in folder.glob(f"{name}*"))


async def _open(plan: Plan, folder: Path, tell: Tell) -> AsyncGenerator[Section]:
    for name, story in {"": middle, ", turns alone": turns}.items():
        tell(f"writing a run of {plan.events:,} events{name} …")
        with TemporaryDirectory(dir=folder) as home:
            yield await asyncio.to_thread(_opened, Path(home), plan.events, story, name)


def _opened(folder: Path, events: int, story: Story, name: str) -> Open:
    with Store(folder / "store.db", folder / "locks") as store:
        write(Recorder(RUN, store, lambda *_: None), events, story=story)
        began = time.perf_counter()
        read = list(store.events(RUN))
        then = time.perf_counter()
        fold(read)
        end = time.perf_counter()
    return Open(name=f"a run of {events:,} events{name}", events=events, read=then - began, fold=end - then)


async def _live(plan: Plan, folder: Path, tell: Tell) -> AsyncGenerator[Section]:
    settings = Settings(folder / "home", online=False).prepare()
    tell(f"writing a run of {plan.events:,} events …")
    await asyncio.to_thread(_write_long_run, settings, plan.events)
    tell(f"feeding a window with {plan.rate:,} events a second for {plan.seconds:g} s …")
    yield await measure_live(plan, settings, RUN)


def _write_long_run(settings: Settings, events: int) -> None:
    with Store(settings.store, settings.locks) as store:
        write(Recorder(RUN, store, lambda *_: None), events)
