"""The lists of what was read: pages on demand, words for every state, and models Qt finds no fault with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from pytestqt.modeltest import ModelTester

from rlm_desktop.gui.findings.coverage_model import CoverageModel
from rlm_desktop.gui.findings.places_model import PlacesModel
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.reading import Coverage, DocumentShare, PlacesPage, ReadPlace


class Asked(QObject):
    """Stands for the engine: keeps what it was asked, and answers when it is told to."""

    refused = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[tuple[dict[str, Any], Callable[[Any], None], Callable[[EngineError], None]]] = []

    def request(self, command: str, reply: object, done: Any, failed: Any, **fields: Any) -> None:
        self.waiting.append((fields, done, failed))


def shares(first: int, count: int) -> tuple[DocumentShare, ...]:
    return tuple(DocumentShare(f"{n}.txt", f"/d/{n}.txt", n % 3, 1000) for n in range(first, first + count))


def coverage(first: int, count: int, total: int) -> Coverage:
    return Coverage(5, 1000, True, 1, 2, 3, shares(first, count), total)


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_documents_come_page_by_page(asked: Asked, qtmodeltester: ModelTester) -> None:
    model = CoverageModel(asked)  # type: ignore[arg-type]
    model.show_documents("r", "none")
    (fields, done, _) = asked.waiting.pop()
    assert (fields["from"], fields["part"]) == (0, "none")
    done(coverage(0, 3, 5))
    assert model.rowCount() == 3 and model.canFetchMore(QModelIndex())
    model.fetchMore(QModelIndex())
    model.fetchMore(QModelIndex())  # as a view does that is scrolled while it waits
    assert not model.canFetchMore(QModelIndex())
    ((_, second, failed),) = asked.waiting
    failed(EngineError("user", "No."))
    assert model.canFetchMore(QModelIndex())
    second(coverage(3, 2, 5))
    assert model.rowCount() == 5 and not model.canFetchMore(QModelIndex())
    assert [model.index(1, column).data() for column in range(3)] == ["1.txt", "0.1\u202f%", "1k"]
    assert model.index(0, 1).data() == "–"
    assert model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole) == "/d/1.txt: 1 of 1,000 characters"
    qtmodeltester.check(model)


def test_what_is_not_wanted_any_more_is_not_taken(asked: Asked) -> None:
    model = CoverageModel(asked)  # type: ignore[arg-type]
    refused: list[object] = []
    model.refused.connect(refused.append)
    model.show_documents("r")
    model.show_documents("s")
    (_, late, failed), (_, done, _) = asked.waiting
    late(coverage(0, 3, 3))
    failed(EngineError("user", "No."))
    assert model.rowCount() == 0 and not refused
    done(coverage(0, 1, 1))
    assert model.rowCount() == 1


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (ReadPlace("a", "/a", 0, 9, (3, 3), "printed"), ["a", "3", "shown"]),
        (ReadPlace("a", "/a", 0, 9, (3, 1004), "sent", ambiguous=True), ["a", "3–1,004", "sent ~"]),
        (
            ReadPlace("a", "/a", 0, 9, (0, 0), "searched", state="changed"),
            ["a", "changed since", "only found"],
        ),
        (ReadPlace("", "", 0, 1200, (0, 0), "sent"), ["its own context", "1.2k characters", "sent"]),
    ],
)
def test_a_place_is_told_in_words(
    asked: Asked, qtmodeltester: ModelTester, place: ReadPlace, words: list[str]
) -> None:
    model = PlacesModel(asked)  # type: ignore[arg-type]
    model.show_step("r", 2)
    (_, done, _) = asked.waiting.pop()
    done(PlacesPage((place,), 1))
    assert [model.index(0, column).data() for column in range(3)] == words
    assert all(model.index(0, column).data(Qt.ItemDataRole.AccessibleTextRole) for column in range(3))
    qtmodeltester.check(model)
