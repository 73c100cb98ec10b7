"""Texts are read together from wherever they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlm_desktop.engine.recordings import Recordings, sample
from rlm_desktop.errors import StoreError
from rlm_desktop.events import CallFinished, text_hash
from rlm_desktop.store import Store


def test_texts_of_the_history_and_of_the_sample_are_read_together(tmp_path: Path) -> None:
    reply = next(event.reply for event in sample().events if isinstance(event, CallFinished) and event.reply)
    with Store(tmp_path / "store.db", tmp_path / "locks") as store:
        recordings = Recordings(store)
        assert dict(recordings.texts({reply})) == {reply: sample().text(reply)}
        with pytest.raises(StoreError):
            list(recordings.texts({reply, text_hash("of a run that was deleted")}))
