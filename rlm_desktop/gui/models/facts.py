"""What there is to know of a model before it is used, each fact in a sentence or less."""

from __future__ import annotations

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models import words
from rlm_desktop.gui.models.state import Standing
from rlm_desktop.gui.wire.models import Outlook


def facts(now: Standing) -> tuple[tuple[str, str], ...]:
    """Names of facts and what is known of each, without those that do not matter for this model."""
    entry = now.entry
    window = tr("{count} tokens").format(count=f"{entry.context_window:,}") if entry.context_window else ""
    told = (
        (tr("Name"), entry.name if entry.title not in ("", entry.name) else ""),
        (tr("Memory"), fit(now)),
        (tr("Where"), _place(now)),
        (tr("Speed"), _speed(now)),
        (tr("Server"), _server(now)),
        (tr("Price"), words.price(entry)),
        (tr("Window"), window),
        (tr("Size"), tr("{size} on disk").format(size=numbers.size(entry.size)) if entry.size else ""),
        (tr("Licence"), entry.licence),
        (tr("File"), entry.path if entry.state in ("ready", "damaged") or entry.own else ""),
    )
    return tuple((name, fact) for name, fact in told if fact)


def brief(now: Standing) -> str:
    """What stands behind its state in a list."""
    entry = now.entry
    if not now.here:
        return words.price(entry)
    fits = words.verdict(entry.outlook) if entry.outlook is not None and now.memory is None else ""
    return " · ".join(filter(None, (numbers.size(entry.size), fits)))


def fit(now: Standing) -> str:
    """Whether it fits in memory, and why."""
    outlook = now.entry.outlook
    if outlook is None:
        return ""
    if now.memory is not None and now.memory.state != "loading":
        return tr(
            "It is in memory, where it takes about {size}, until it has not been used for five minutes."
        ).format(size=numbers.size(outlook.needed))
    if outlook.verdict == "will not fit":
        return tr("Will not fit. {why}").format(why=words.warning(now.entry))
    needed, free = numbers.size(outlook.needed), numbers.size(outlook.free)
    if outlook.verdict == "tight":
        text = tr(
            "Tight: it needs {needed} of the {free} that are free, which leaves little for other programs."
        )
    else:
        text = tr("Fits: it needs {needed} of the {free} that are free.")
    return text.format(needed=needed, free=free)


def _place(now: Standing) -> str:
    said = now.memory.text if now.memory is not None and now.memory.state in ("ready", "generating") else ""
    return said or (now.entry.outlook.place if now.entry.outlook is not None else "")


def _speed(now: Standing) -> str:
    outlook: Outlook | None = now.entry.outlook
    if outlook is None:
        return ""
    live = now.memory
    if live is not None and live.state == "generating" and (live.writing or live.reading):
        reading, writing = numbers.pace(live.reading) or "…", numbers.pace(live.writing) or "…"
        return tr("now reads {reading} tokens/s and writes {writing}").format(
            reading=reading, writing=writing
        )
    return outlook.speed or (tr("not measured yet") if now.entry.state != "damaged" else "")


def _server(now: Standing) -> str:
    if now.here:
        return ""
    host = now.entry.host or now.entry.name
    if not now.served:
        return tr("{host}, on this computer").format(host=host)
    if now.online:
        return tr("{host} gets the question and every passage it is asked about.").format(host=host)
    return tr("{host}. The network is off, so it cannot be asked.").format(host=host)
