"""A model in words: its line in a list, what to know before it is used, and what to be warned of."""

from __future__ import annotations

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.models.remote import is_served
from rlm_desktop.gui.wire.models import ModelEntry, Outlook

_STATES = {
    "partial": later("  (partly downloaded)"),
    "absent": later("  (not downloaded)"),
    "damaged": later("  (damaged)"),
}
_VERDICTS = {"fits": later("fits"), "tight": later("tight"), "will not fit": later("will not fit")}


def label(entry: ModelEntry) -> str:
    """Its line in the list of models."""
    return entry.name + (tr("  (remote)") if is_served(entry) else tr(_STATES.get(entry.state, "")))


def note(entry: ModelEntry) -> str:
    """What to know before it is used: its licence before a download, whether it fits, or what it costs."""
    if is_served(entry):
        return price(entry)
    if entry.own and entry.state != "ready":
        return (
            tr("{path} is not there.").format(path=entry.path)
            if entry.state == "absent"
            else tr("{path} is damaged.").format(path=entry.path)
        )
    absent = entry.state != "ready"
    return " · ".join(filter(None, (entry.licence if absent else "", _fit(entry.outlook))))


def warning(entry: ModelEntry) -> str:
    """Why it will not work well here; empty if it will."""
    outlook = entry.outlook
    if outlook is None or outlook.verdict != "will not fit":
        return ""
    needs = tr("It needs {size} of memory, and").format(size=numbers.size(outlook.needed))
    if outlook.needed > outlook.total:
        return tr("{needs} this computer has {size}. Choose a smaller model.").format(
            needs=needs, size=numbers.size(outlook.total)
        )
    return tr(
        "{needs} {size} are free: it will have a shorter context window, or be slow. Close other programs, or choose a smaller model."
    ).format(needs=needs, size=numbers.size(outlook.free))


def whole(entry: ModelEntry) -> str:
    """Its line in the list of models uncut, and everything about it."""
    return "\n".join(dict.fromkeys((label(entry), *facts(entry).splitlines())))


def facts(entry: ModelEntry) -> str:
    """Everything about it, a line for each kind of thing."""
    outlook = entry.outlook
    memory = outlook.needed if outlook else entry.memory
    sizes = (
        numbers.size(entry.size) if entry.size else "",
        tr("{size} of memory").format(size=numbers.size(memory)) if memory else "",
        tr("window of {:,} tokens").format(entry.context_window) if entry.context_window else "",
    )
    lines = (
        entry.title or entry.name,
        ", ".join(filter(None, sizes)),
        _fit(outlook),
        tr("computes on {place}").format(place=outlook.place) if outlook and outlook.place else "",
        outlook.speed if outlook else "",
        tr("Asked over the network") if is_served(entry) else "",
        price(entry),
        entry.licence,
        entry.note,
    )
    return "\n".join(filter(None, lines))


def _fit(outlook: Outlook | None) -> str:
    """Whether it fits, with the figures; nothing where a warning says it."""
    if outlook is None or outlook.verdict == "will not fit":
        return ""
    return tr("{verdict} ({needed} of {free} free)").format(
        verdict=verdict(outlook), needed=numbers.size(outlook.needed), free=numbers.size(outlook.free)
    )


def verdict(outlook: Outlook) -> str:
    """Whether it fits, in a word or two."""
    return tr(_VERDICTS.get(outlook.verdict, outlook.verdict))


def price(entry: ModelEntry) -> str:
    """What a remote model costs; nothing of any other."""
    if not is_served(entry):
        return ""
    if entry.price is None:
        return tr("price not known")
    if not (entry.price.prompt or entry.price.completion):
        return tr("free")
    said = tr("${prompt:g} prompt, ${completion:g} reply for a million tokens")
    return said.format(prompt=entry.price.prompt, completion=entry.price.completion)
