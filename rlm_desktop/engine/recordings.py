"""Every run that can be shown again: those of the history, and the sample that comes with the program."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache

from rlm_desktop.config import shared_file
from rlm_desktop.errors import StoreError
from rlm_desktop.events import Recording, TextHash, read_recording
from rlm_desktop.store import Store

SAMPLE = "sample"
"""Stands for the recorded session a newcomer can replay before any model is there."""


@cache
def sample() -> Recording:
    """The sample session; it needs no data folder, no model and no network."""
    return read_recording(shared_file("resources", "samples", "session.jsonl"))


class Recordings:
    """Opens recordings.

    Args:
        store: The history.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, run: str) -> Recording:
        """The recording of a run, as far as it has come.

        Raises:
            UserError: There is no such run.
        """
        if run == SAMPLE:
            return sample()
        self._store.summary(run)
        return Recording(tuple(self._store.events(run)), self._store.text)

    def resolve(self, name: str) -> str:
        """The id of the run meant by an id, the unique start of one, ``last``, or ``sample``.

        Raises:
            UserError: No run, or more than one, is meant.
        """
        return SAMPLE if name == SAMPLE else self._store.resolve(name)

    def text(self, name: TextHash) -> str:
        """The text with this hash, of any recording.

        Raises:
            StoreError: There is none.
        """
        try:
            return self._store.text(name)
        except StoreError:
            try:
                return sample().text(name)
            except StoreError:
                pass
            raise

    def texts(self, names: Collection[TextHash]) -> Iterator[tuple[TextHash, str]]:
        """The texts with these hashes, of any recording, one by one, with their hashes and in any order.

        Raises:
            StoreError: One of them is missing.
        """
        missing = set(names)
        for name, text in self._store.texts(names):
            missing.remove(name)
            yield name, text
        for name in missing:
            yield name, self.text(name)
