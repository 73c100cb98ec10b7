"""How a model looks and what can be done with it, whatever state it is in."""

from __future__ import annotations

import itertools

import pytest

from rlm_desktop.config import shared_file
from rlm_desktop.gui.models.facts import brief, facts
from rlm_desktop.gui.models.state import Deed, Standing, button, deeds, look
from rlm_desktop.gui.wire import Notice
from rlm_desktop.gui.wire.models import ModelEntry, Outlook

OUTLOOK = Outlook("tight", 5_000_000_000, 5_200_000_000, 8_000_000_000)


def entry(state: str = "ready", *, own: bool = False) -> ModelEntry:
    return ModelEntry(
        "m",
        size=1000,
        state=state,
        path="/m.gguf",
        own=own,
        fetched=430 * (state == "partial"),
        outlook=OUTLOOK,
    )


FAR = ModelEntry("far", state="ready", host="example.org")


@pytest.mark.parametrize(
    ("now", "word", "can"),
    [
        (Standing(entry()), "Ready", ("use", "load", "check", "remove")),
        (Standing(entry(), sound=True), "Ready, its file is sound", ("use", "load", "check", "remove")),
        (Standing(entry("absent")), "Not downloaded", ("download",)),
        (Standing(entry("partial")), "Partly downloaded 43\u202f%", ("download", "remove")),
        (Standing(entry("damaged")), "Damaged", ("download", "remove")),
        (Standing(entry("damaged", own=True)), "Damaged", ("check", "remove")),
        (Standing(entry("absent", own=True)), "Its file is gone", ("remove",)),
        (Standing(FAR), "The network is off", ("network",)),
        (Standing(FAR, online=True), "Ready", ("use",)),
        (
            Standing(entry("absent"), download=Notice("download", "m", "queued")),
            "Waits for another download",
            ("cancel",),
        ),
        (
            Standing(entry("absent"), download=Notice("download", "m", "running", received=1, total=2)),
            "Downloading 50\u202f%",
            ("pause", "cancel"),
        ),
        (
            Standing(entry("absent"), download=Notice("download", "m", "running", "connecting", received=1)),
            "Waiting for the server",
            ("pause", "cancel"),
        ),
        (
            Standing(entry(), check=Notice("verify", "m", "running", received=1, total=4)),
            "Checking 25\u202f%",
            ("stop",),
        ),
        (
            Standing(entry(), memory=Notice("model", "m", "loading", rate=0.5)),
            "Loading 50\u202f%",
            ("use", "unload", "check", "remove"),
        ),
        (
            Standing(entry(), memory=Notice("model", "m", "generating", writing=31.4)),
            "Writes 31 tokens/s",
            ("use", "unload", "check", "remove"),
        ),
        (
            Standing(entry(), memory=Notice("model", "m", "generating")),
            "Reads … tokens/s",
            ("use", "unload", "check", "remove"),
        ),
    ],
)
def test_each_state_has_a_word_a_shape_and_what_can_be_done(
    now: Standing, word: str, can: tuple[Deed, ...]
) -> None:
    seen = look(now)
    assert (seen.word, deeds(now)) == (word, can)
    assert shared_file("resources", "icons", f"{seen.shape}.svg").is_file()
    assert all(button(deed, now) for deed in can)


def test_no_state_is_without_a_look_or_facts() -> None:
    states, kinds = (
        ("ready", "absent", "partial", "damaged", "new"),
        ("loading", "ready", "waiting", "generating"),
    )
    for state, own, memory in itertools.product(states, (True, False), (None, *kinds)):
        now = Standing(entry(state, own=own), memory=Notice("model", "m", memory) if memory else None)
        assert look(now).word and deeds(now) and brief(now)
        assert {"Memory", "Size"} <= dict(facts(now)).keys()
