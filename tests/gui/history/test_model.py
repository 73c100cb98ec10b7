import msgspec
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.modeltest import ModelTester

from rlm_desktop.gui.history.model import HistoryModel, NoteRole, RunRole
from rlm_desktop.gui.wire import HistoryPage, Hit, SearchPage, Summary


def run(name: str, status: str = "answered") -> Summary:
    return Summary(name, f"Question\n {name}?", status, seconds=18.4, paths=("/books/kjv.txt",))


def page(names: str, total: int) -> HistoryPage:
    return HistoryPage(tuple(run(name) for name in names), total)


def shown(model: HistoryModel) -> str:
    return "".join(model.index(row).data(RunRole) for row in range(model.rowCount()))


def test_it_passes_qts_own_examination(qtmodeltester: ModelTester) -> None:
    model = HistoryModel()
    model.take(0, page("abc", 9))
    qtmodeltester.check(model)


@given(st.lists(st.tuples(st.permutations("abcdefgh"), st.integers(0, 8)), max_size=6))
def test_a_refresh_shows_what_the_engine_says(pages: list[tuple[list[str], int]]) -> None:
    model = HistoryModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for order, count in pages:
        names = "".join(order[:count])
        model.take(0, page(names, count))
        assert shown(model) == names
    tester.deleteLater()
    model.deleteLater()


def test_older_runs_are_fetched_when_they_are_wanted() -> None:
    model, wanted = HistoryModel(), []
    model.wanted.connect(wanted.append)
    model.refresh()
    model.take(0, page("abc", 5))
    model.fetchMore(model.index(-1))
    model.fetchMore(model.index(-1))
    assert wanted == [0, 3]
    model.take(3, page("de", 5))
    assert shown(model) == "abcde"
    assert not model.canFetchMore(model.index(-1))


def test_a_new_run_moves_nothing_but_itself() -> None:
    model = HistoryModel()
    model.take(0, page("abc", 5))
    model.take(3, page("de", 5))
    model.update(run("n", "running"))
    assert shown(model) == "nabcde"
    model.take(0, page("nab", 6))
    assert shown(model).startswith("nab")
    model.remove("n")
    assert "n" not in shown(model)


def test_a_refresh_keeps_what_is_marked() -> None:
    model = HistoryModel()
    model.take(0, page("abcdef", 6))
    marked = QPersistentModelIndex(model.index_of("d"))
    for names in ("dabcef", "abcdef", "xabcde", "fedcba"):
        model.take(0, page(names, len(names)))
        assert shown(model) == names
        assert marked.data(RunRole) == "d"


def test_a_move_is_announced_as_one() -> None:
    model, moves = HistoryModel(), []
    model.rowsMoved.connect(lambda _, first, last, __, to: moves.append((first, last, to)))
    model.take(0, page("abcdef", 6))
    model.take(0, page("eabcdf", 6))
    model.take(0, page("abcdef", 6))
    assert moves == [(4, 4, 0), (0, 0, 5)]


def test_a_run_that_begins_stands_below_the_pinned_ones() -> None:
    model = HistoryModel()
    pinned = msgspec.structs.replace(run("p"), pinned=True)
    model.take(0, HistoryPage((pinned, run("a")), 2))
    model.update(run("n", "running"))
    model.update(run("z"))  # one of long ago that was looked at is none of this list
    assert shown(model) == "pna"


def test_a_name_is_given_taken_away_or_left() -> None:
    model, given = HistoryModel(), []
    model.renamed.connect(lambda *change: given.append(change))
    model.take(0, HistoryPage((msgspec.structs.replace(run("a"), title="Old"),), 1))
    index = model.index(0)
    assert index.data() == "Old" and index.data(Qt.ItemDataRole.EditRole) == "Old"
    for text in (" New\n name ", "", "Question a?", "Old"):
        model.setData(index, text)
    assert given == [("a", "New name"), ("a", ""), ("a", "")]


def test_a_search_says_where() -> None:
    model = HistoryModel()
    follow_up = msgspec.structs.replace(run("a"), parent_run="z", pinned=True)
    model.take(0, SearchPage((Hit(follow_up, "answer", "Enoch", ((0, 5),)),), 1))
    assert model.index(0).data() == "↳ Question a?"
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Pinned. Follow-up. Answered: Question a?. Answer: Enoch"
    )


def test_what_it_says() -> None:
    model = HistoryModel()
    model.take(0, HistoryPage((run("a", "not_found"),), 1))
    index = model.index(0)
    assert index.data() == "Question a?"
    assert index.data(NoteRole) == "kjv.txt · 18\u202fs"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).startswith("The document does not say")
