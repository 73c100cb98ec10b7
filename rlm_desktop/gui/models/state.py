"""What a model is doing or can be used for now: how that looks and reads, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.status import Look
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.remote import is_served
from rlm_desktop.gui.wire import Notice
from rlm_desktop.gui.wire.models import ModelEntry

Deed = Literal["use", "download", "pause", "cancel", "stop", "load", "unload", "check", "remove", "network"]


@dataclass(frozen=True)
class Standing:
    """A model as it stands now.

    Attributes:
        entry: What the engine lists.
        download: How far its download is, while it goes on.
        check: How far the check of its file is, while it goes on.
        memory: What it does in memory, or on its way there.
        online: Whether the network may be used.
        sound: Whether its file was checked in this window and is what it should be.
    """

    entry: ModelEntry
    download: Notice | None = None
    check: Notice | None = None
    memory: Notice | None = None
    online: bool = False
    sound: bool = False

    @property
    def served(self) -> bool:
        """Whether a server elsewhere has it."""
        return is_served(self.entry)

    @property
    def here(self) -> bool:
        """Whether it is a file, here or to be fetched."""
        return bool(self.entry.path)

    @property
    def gone(self) -> bool:
        """Whether it is a file of the person's own that is not there any more."""
        return self.entry.own and self.entry.state == "absent"


def standing(catalogue: Catalogue, entry: ModelEntry, *, online: bool) -> Standing:
    """A model as the catalogue knows it now."""
    name = entry.name
    return Standing(
        entry,
        catalogue.download_of(name),
        catalogue.check_of(name),
        catalogue.memory_of(name),
        online,
        catalogue.is_sound(name),
    )


def share(done: int, total: int | None) -> str:
    """A part of something, in percent; nothing if that cannot be told."""
    return f" {numbers.percent(min(done / total, 1))}" if total and done else ""


def look(now: Standing) -> Look:
    """A model's state in shape, word and tone."""
    if now.download is not None:
        return _arriving(now.download)
    if now.check is not None:
        return Look("running", tr("Checking") + share(now.check.received, now.check.total), "busy")
    if now.served and not now.online:
        return Look("network-off", tr("The network is off"), "warn")
    if now.memory is not None:
        return _in_memory(now.memory)
    return _at_rest(now)


def _arriving(download: Notice) -> Look:
    if download.state == "queued":
        return Look("none", tr("Waits for another download"), "busy")
    if download.text == "connecting":
        return Look("download", tr("Waiting for the server"), "busy")
    if download.text == "checking":
        return Look("running", tr("Checking what has arrived"), "busy")
    return Look("download", tr("Downloading") + share(download.received, download.total), "busy")


def _in_memory(memory: Notice) -> Look:
    if memory.state == "loading":
        percent = f" {numbers.percent(memory.rate)}" if memory.rate else ""
        return Look("running", tr("Loading") + percent, "busy")
    if memory.state == "waiting":
        return Look("running", tr("Waits for another program"), "warn")
    if memory.state == "generating":
        if speed := numbers.pace(memory.writing):
            return Look("running", tr("Writes {speed} tokens/s").format(speed=speed), "busy")
        return Look(
            "running", tr("Reads {speed} tokens/s").format(speed=numbers.pace(memory.reading) or "…"), "busy"
        )
    return Look("done", tr("Loaded"), "good")


def _at_rest(now: Standing) -> Look:
    entry = now.entry
    if now.gone:
        return Look("failed", tr("Its file is gone"), "bad")
    if entry.state == "damaged":
        return Look("failed", tr("Damaged"), "bad")
    if entry.state == "partial":
        return Look("pause", tr("Partly downloaded") + share(entry.fetched, entry.size), "quiet")
    if entry.state == "absent":
        return Look("download", tr("Not downloaded"), "quiet")
    ready = tr("Ready, its file is sound") if now.sound else tr("Ready")
    return Look("network-on" if now.served else "done", ready, "good")


def deeds(now: Standing) -> tuple[Deed, ...]:
    """What a person can do with it now, the likeliest first."""
    state = now.entry.state
    if now.download is not None:
        return ("cancel",) if now.download.state == "queued" else ("pause", "cancel")
    if now.check is not None:
        return ("stop",)
    if not now.here:
        use: Deed = "network" if now.served and not now.online else "use"
        return (use, "remove") if now.entry.own else (use,)
    if state in ("absent", "damaged") and now.entry.own:
        return ("check", "remove") if state == "damaged" else ("remove",)
    if state != "ready":
        return ("download", "remove") if state in ("partial", "damaged") else ("download",)
    if now.memory is not None:
        return ("use", "unload", "check", "remove")
    return ("use", "load", "check", "remove")


def button(deed: Deed, now: Standing) -> str:
    """What a button for it says."""
    entry = now.entry
    if deed == "download":
        again = {"partial": tr("Resume ({size} left)"), "damaged": tr("Download again ({size})")}
        left = entry.size - entry.fetched if entry.state == "partial" else entry.size
        text: str = again.get(entry.state, tr("Download ({size})"))
        return text.format(size=numbers.size(max(0, left)))
    if deed == "remove":
        return tr("Take off the list") if entry.own else tr("Remove…")
    return {
        "use": tr("Use"),
        "pause": tr("Pause"),
        "cancel": tr("Cancel"),
        "stop": tr("Stop"),
        "load": tr("Load"),
        "unload": tr("Unload") if now.memory is None or now.memory.state != "loading" else tr("Stop loading"),
        "check": tr("Check"),
        "network": tr("Switch the network on"),
    }[deed]


def progress(catalogue: Catalogue, notice: Notice) -> str:
    """How far a download or a check is: bytes, rate, time left."""
    if notice.state == "queued":
        return tr("It begins when the download before it has ended.")
    rate = catalogue.rate_of(notice.model)
    of = tr("{done} of {total}").format(
        done=numbers.size(notice.received), total=numbers.size(notice.total or 0)
    )
    parts = [of if notice.total else numbers.size(notice.received)]
    if notice.text == "checking":
        return parts[0]
    if rate.value:
        parts.append(f"{numbers.size(round(rate.value))}/s")
        if notice.total:
            parts.append(tr("{time} left").format(time=numbers.ticking(rate.left(notice.total))))
    return " · ".join(parts)
