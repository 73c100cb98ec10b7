from datetime import datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.modeltest import ModelTester

from rlm_desktop.gui.history.model import HeadingRole, HistoryModel, NoteRole, RunRole
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


NOON = datetime(2026, 3, 4, 12).astimezone()


def asked(name: str, ago: int, *, pinned: bool = False) -> Summary:
    moment = (NOON - timedelta(days=ago)).isoformat()
    return msgspec.structs.replace(run(name), started=moment, pinned=pinned)


def headed(model: HistoryModel) -> str:
    rows = (model.index(row) for row in range(model.rowCount()))
    return " ".join(f"{heading}:{row.data(RunRole)}" if (heading := row.data(HeadingRole)) else row.data(RunRole)
                    for row in rows)  # fmt: skip


def by_day(*runs: Summary) -> HistoryModel:
    model = HistoryModel(by_day=True, now=lambda: NOON)
    model.take(0, HistoryPage(runs, len(runs)))
    return model


def test_the_first_run_of_a_day_has_its_heading() -> None:
    model = by_day(asked("p", 9, pinned=True), asked("a", 0), asked("b", 0), asked("c", 1), asked("d", 2))
    assert headed(model) == "Pinned:p Today:a b Yesterday:c Monday:d"
    assert [model.index(row).data(NoteRole).split(" · ")[1] for row in range(5)] == [
        "23 Feb", "12:00", "12:00", "12:00", "12:00",
    ]  # fmt: skip
    aloud = [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert aloud == ["Pinned. Answered: Question p?", "Today. Answered: Question a?", "Answered: Question b?"]


def test_headings_move_on_with_what_comes_goes_and_is_pinned() -> None:
    model = by_day(asked("a", 0), asked("b", 1), asked("c", 1))
    told: list[str] = []
    model.dataChanged.connect(lambda first, last: told.append(first.data(RunRole)))
    model.update(msgspec.structs.replace(asked("n", 0), status="running"))
    assert headed(model) == "Today:n a Yesterday:b c" and told == ["a"]
    model.remove("b")
    assert headed(model) == "Today:n a Yesterday:c" and told == ["a", "c"]
    model.take(0, HistoryPage((asked("a", 0, pinned=True), asked("n", 0), asked("c", 1)), 3))
    assert headed(model) == "Pinned:a Today:n Yesterday:c" and {"a", "n"} <= set(told[2:])


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=7), min_size=1, max_size=5))
def test_whoever_follows_the_news_knows_every_heading(pages: list[list[tuple[int, bool]]]) -> None:
    model = by_day()
    known: list[str] = []

    def read(first: int, last: int) -> list[str]:
        return [model.index(row).data(HeadingRole) for row in range(first, last + 1)]

    def moved(_: object, first: int, _last: int, __: object, to: int) -> None:
        known.insert(to - (to > first), known.pop(first))

    model.rowsInserted.connect(lambda _, a, b: known.__setitem__(slice(a, a), read(a, b)))
    model.rowsRemoved.connect(lambda _, a, b: known.__delitem__(slice(a, b + 1)))
    model.rowsMoved.connect(moved)
    model.dataChanged.connect(
        lambda a, b: known.__setitem__(slice(a.row(), b.row() + 1), read(a.row(), b.row()))
    )
    for page_ in pages:
        runs = [asked(f"{number}", ago, pinned=pinned) for number, (ago, pinned) in enumerate(page_)]
        runs.sort(key=lambda one: (one.pinned, one.started), reverse=True)
        model.take(0, HistoryPage(tuple(runs), len(runs)))
        assert known == read(0, model.rowCount() - 1)
    model.deleteLater()


def test_at_midnight_today_becomes_yesterday() -> None:
    now = [NOON]
    model = HistoryModel(by_day=True, now=lambda: now[0])
    model.take(0, HistoryPage((asked("a", 0), asked("b", 1)), 2))
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    now[0] += timedelta(days=1)
    model.rename_days()
    assert headed(model) == "Yesterday:a Tuesday:b" and told == [(0, 1)]


def test_what_a_search_found_stands_in_the_order_of_merit() -> None:
    model = HistoryModel(now=lambda: NOON)
    model.take(0, HistoryPage((asked("a", 1), asked("b", 0)), 2))
    assert headed(model) == "a b"
    assert model.index(0).data(NoteRole) == "kjv.txt · yesterday · 18\u202fs"
