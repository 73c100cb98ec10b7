from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.modeltest import ModelTester

from rlm_desktop.gui.library.model import LibraryModel
from rlm_desktop.gui.wire.documents import Document, Opened, Skipped


def source(name: str, files: int) -> Opened:
    documents = tuple(
        Document(n, f"{name}{n}.txt", f"/{name}/{name}{n}.txt", 4_300_000, "utf-8") for n in range(files)
    )
    skipped = (Skipped("x.png", "binary"),)
    return Opened(name, "list", (f"/{name}",), files, 10, 5, 3, documents, skipped, 1)


def test_it_passes_qts_own_examination(qtmodeltester: ModelTester) -> None:
    model = LibraryModel()
    model.add(source("a", 1))
    model.add(source("b", 3))
    qtmodeltester.check(model)


def test_a_source_of_one_file_is_that_file() -> None:
    model = LibraryModel()
    index = model.add(source("a", 1))
    assert model.rowCount(index) == 0
    document = model.document(index)
    assert document is not None and document.name == "a0.txt"
    assert index.data() == "a   4.3\u202fMB"


def test_opening_again_replaces_and_keeps_the_others() -> None:
    model = LibraryModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.add(source("a", 2))
    second = model.add(source("b", 3))
    kept = QPersistentModelIndex(model.index(2, 0, second))
    model.add(source("a", 4))
    assert [one.title for one in model.sources] == ["b", "a"]
    assert kept.data() == "b2.txt"
    assert kept.parent().data() == "b   3 files"
    tester.deleteLater()


def test_documents_are_found_by_path_and_by_name() -> None:
    model = LibraryModel()
    model.add(source("a", 2))
    for wanted in ("/a/a1.txt", "a1.txt"):
        found = model.find(wanted)
        assert found is not None and found[1].index == 1
    assert model.find("/b/b1.txt") is None


def test_the_tooltip_says_what_was_left_out() -> None:
    model = LibraryModel()
    tip = model.add(source("a", 2)).data(Qt.ItemDataRole.ToolTipRole)
    assert "1 file left out" in tip and "x.png: binary" in tip
