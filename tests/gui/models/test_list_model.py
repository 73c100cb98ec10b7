"""The list of models as Qt sees it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.list_model import LookRole, ModelListModel, NameRole, NoteRole
from rlm_desktop.gui.wire import Notice
from rlm_desktop.gui.wire.models import ModelEntry, ModelList


class Engine(QObject):
    """An engine that only speaks."""

    noticed = Signal(object)
    died = Signal(str)


def made(*names: str) -> tuple[Engine, Catalogue, ModelListModel]:
    engine = Engine()
    catalogue = Catalogue(engine)  # type: ignore[arg-type]
    rows = ModelListModel(catalogue)
    catalogue._listed(listed(*names))
    return engine, catalogue, rows


def listed(*names: str, **more: object) -> ModelList:
    return ModelList(
        tuple(ModelEntry(name, state="absent", path=f"/m/{name}.gguf", **more) for name in names)  # type: ignore[arg-type]
    )


def names(rows: ModelListModel) -> list[str]:
    return [rows.index(row).data(NameRole) for row in range(rows.rowCount())]


def test_rows_follow_the_catalogue_and_only_what_changed_is_told(
    qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    _, catalogue, rows = made("a", "b", "c")
    qtmodeltester.check(rows)
    told: list[str] = []
    rows.dataChanged.connect(lambda first, last: told.append(f"changed {first.row()} {last.row()}"))
    rows.rowsInserted.connect(lambda _, first, last: told.append(f"inserted {first} {last}"))
    rows.rowsRemoved.connect(lambda _, first, last: told.append(f"removed {first} {last}"))
    rows.modelReset.connect(lambda: told.append("reset"))
    catalogue._listed(listed("a", "b", "c"))
    assert told == []
    catalogue._listed(listed("a", "x", "c"))
    assert (names(rows), told) == (["a", "x", "c"], ["removed 1 1", "inserted 1 1"])
    told.clear()
    catalogue._listed(listed("c", "a", "x"))
    assert names(rows) == ["c", "a", "x"]
    told.clear()
    catalogue._listed(ModelList((ModelEntry("c", state="ready", path="/m"), *listed("a", "x").models)))
    assert told == ["changed 0 0"]
    catalogue.add(("openai:gpt",))
    assert names(rows)[-1] == "openai:gpt"


def test_a_row_says_in_words_what_its_shape_says(qtbot: QtBot) -> None:
    engine, _, rows = made("a", "b")
    told: list[int] = []
    rows.dataChanged.connect(lambda first, last: told.append(first.row()))
    engine.noticed.emit(Notice("download", "b", "running", received=50, total=100))
    assert told == [1]
    index = rows.index_of("b")
    assert index.data(LookRole).word == "Downloading 50\u202f%"
    assert index.data(NoteRole).startswith("Downloading 50\u202f%")
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).startswith("b, Downloading 50\u202f%")
    engine.noticed.emit(Notice("download", "b", "running", "checking", received=100, total=100))
    assert index.data(LookRole).word == "Checking what has arrived"
    engine.noticed.emit(Notice("download", "b", "paused"))
    assert index.data(LookRole).word == "Not downloaded"
    engine.noticed.emit(Notice("model", "b", "waiting"))
    assert index.data(LookRole).word == "Waits for another program"
    engine.died.emit("gone")
    assert index.data(LookRole).word == "Not downloaded"
    assert not rows.index_of("nobody").isValid()
