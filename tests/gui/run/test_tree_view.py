"""How the tree of a run is laid out."""

from collections.abc import Iterator
from random import Random

import pytest
from msgspec import structs
from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QStyleOptionViewItem, QTreeView
from pytestqt.qtbot import QtBot

from rlm_desktop.events import Progress, Row, Usage
from rlm_desktop.gui.look.status import ROW
from rlm_desktop.gui.run.columns import COLUMNS
from rlm_desktop.gui.run.tree_model import RunTreeModel, ShareRole
from rlm_desktop.gui.run.tree_view import RunTreeView

SPENT = Usage(
    prompt_tokens=999_000, completion_tokens=99_000, reused_tokens=888_000, calls=1, cost_usd=0.00001
)


@pytest.mark.parametrize("status", [*ROW, "memory", "timeout"])
def test_no_figure_is_cut(qtbot: QtBot, status: str) -> None:
    view = RunTreeView()
    qtbot.addWidget(view)
    view.resize(700, 200)
    tree = RunTreeModel("r", view)
    row = Row(
        span=1, parent=0, index=0, kind="cell", label="x = find('Methuselah')",
        status=status if status in ROW else "failed", detail=status,
        total=SPENT, started=1, finished=1 + 3_599_000_000,
    )  # fmt: skip
    tree.take([Row(span=0, parent=0, index=0, kind="run", label="Who?", children=1), row])
    view.show_tree(tree)
    view.show()
    qtbot.waitExposed(view)
    assert tree.index_of(1, 4).data() == "59\u202fmin 59\u202fs"
    for number, column in enumerate(COLUMNS):
        option = QStyleOptionViewItem()
        option.initFrom(view)
        needed = view.itemDelegate().sizeHint(option, tree.index_of(1, number)).width()
        assert needed <= view.columnWidth(number), column.title


@pytest.mark.parametrize(
    ("progress", "finished", "word", "exact", "share"),
    [
        (Progress(340, 1000, "pages"), 0, "340 of 1k", "Running at pages 340 of 1,000", 0.34),
        (Progress(9, 3), 0, "9 of 3", "Running at 9 of 3", 1.0),
        (Progress(0, 0), 0, "0 of 0", "Running at 0 of 0", None),
        (Progress(12_345), 0, "12k", "Running at 12,345", None),
        (
            Progress(340, 1000),
            2,
            "Took too long: It was slow.",
            "Took too long at 340 of 1,000: It was slow.",
            None,
        ),
        (None, 0, "Running", "Running", None),
    ],
)
def test_the_progress_of_a_step_is_shown_while_it_runs(
    qtbot: QtBot, progress: Progress | None, finished: int, word: str, exact: str, share: float | None
) -> None:
    view = RunTreeView()
    qtbot.addWidget(view)
    tree = RunTreeModel("r", view)
    row = Row(
        span=1, parent=0, index=0, kind="cell", label="for", progress=progress, started=1, finished=finished,
        status="failed" if finished else "running", detail="timeout", error="It was slow." if finished else "",
    )  # fmt: skip
    tree.take([Row(span=0, parent=0, index=0, kind="run", label="Who?", children=1), row])
    view.show_tree(tree)
    status = tree.index_of(1, 1)
    assert (status.data(), status.data(Qt.ItemDataRole.ToolTipRole), status.data(ShareRole)) == (
        word,
        exact,
        share,
    )
    assert tree.index_of(1, 0).data(ShareRole) is None
    bar, plain = (_painted(view, tree.index_of(1, column)) for column in (1, 0))
    assert (bar == plain) == (share is None)


def _painted(view: RunTreeView, index: QModelIndex) -> set[str]:
    """The colours in the two lowest lines of what is drawn."""
    option = QStyleOptionViewItem()
    option.initFrom(view)
    option.rect = QRect(0, 0, 200, 40)
    picture = QPixmap(200, 40)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    view.itemDelegate().paint(painter, option, index)
    painter.end()
    image = picture.toImage()
    return {image.pixelColor(x, y).name() for x in range(200) for y in (37, 38)}


def test_columns_make_room_for_the_names_of_steps(qtbot: QtBot) -> None:
    view = RunTreeView()
    qtbot.addWidget(view)
    view.show_tree(RunTreeModel("r", view))
    view.show()
    titles = []
    for width in (1000, 640, 500, 400, 200, 1000):
        view.resize(width, 200)
        titles.append([c.title for n, c in enumerate(COLUMNS) if not view.isColumnHidden(n)])
        assert view.columnWidth(0) >= min(38 * view.fontMetrics().averageCharWidth(), width // 3)
    assert titles[0] == titles[-1] == [column.title for column in COLUMNS]
    assert titles[-2] == ["What", "Time"]
    assert [len(shown) for shown in titles[:-1]] == sorted(map(len, titles[:-1]), reverse=True)


def test_columns_follow_the_size_of_the_text(qtbot: QtBot) -> None:
    view = RunTreeView()
    qtbot.addWidget(view)
    view.resize(1000, 200)
    view.show_tree(RunTreeModel("r", view))
    view.show()
    font, size = view.font(), view.fontInfo().pointSizeF()
    widths = []
    for scale in (1, 2, 1):
        font.setPointSizeF(size * scale)
        view.setFont(font)
        widths.append([0 if view.isColumnHidden(n) else view.columnWidth(n) for n in range(len(COLUMNS))])
    normal, large, again = widths
    assert normal == again and 0 not in normal and large[4] > 1.8 * normal[4]


def test_durations_tick_only_while_the_run_goes_on(qtbot: QtBot) -> None:
    view = RunTreeView()
    qtbot.addWidget(view)
    tree = RunTreeModel("r", view)
    whole = Row(span=0, parent=0, index=0, kind="run", label="Who?", status="done", started=1, finished=2)
    tree.take([whole])
    view.show_tree(tree)
    assert not view._tick.isActive()
    tree.move([structs.replace(whole, status="running", finished=0)])  # a replay goes back
    assert view._tick.isActive()
    tree.move([whole])
    assert not view._tick.isActive()


def _listed(view: QTreeView) -> Iterator[int]:
    """The rows that are unfolded, from top to bottom."""
    index = view.model().index(0, 0)
    while index.isValid():
        yield index.internalId()
        index = view.indexBelow(index)


def _crowds(wide: int, each: int) -> list[Row]:
    """A turn with groups below it, each of as many calls, of which none is there yet."""
    turn = Row(span=1, parent=0, index=0, kind="turn", label="Turn 1", children=wide, finished=1, failures=1)
    groups = [
        Row(span=2 + n, parent=1, index=n, kind="group", label="calls", children=each, finished=1)
        for n in range(wide)
    ]
    return [Row(span=0, parent=0, index=0, kind="run", label="Who?", children=1), turn, *groups]


def _page(group: int, first: int, count: int) -> list[Row]:
    return [
        Row(span=100 * group + place, parent=group, index=place, kind="call", label="ask", finished=1)
        for place in range(first, first + count)
    ]


@pytest.mark.parametrize("random", [Random(seed) for seed in range(8)])
def test_rows_that_come_below_unfolded_ones_stand_where_qt_would_put_them(
    qtbot: QtBot, random: Random
) -> None:
    tree, view, plain = RunTreeModel("r"), RunTreeView(), QTreeView()
    tree.take(_crowds(6, 20))
    for each in (view, plain):
        qtbot.addWidget(each)
        each.resize(600, 150)
    view.show_tree(tree)
    view.follow(False)
    plain.setModel(tree)
    view.show()
    for _ in range(60):
        group = random.randint(1, 7)
        index = tree.index_of(group)
        match random.choice(("fold", "page", "page", "scroll", "choose")):
            case "fold":
                view.setExpanded(index, not view.isExpanded(index))
            case "page" if group > 1:
                there = tree.rowCount(index)
                tree.take(_page(group, there, min(7, 20 - there)))
            case "scroll":
                view.verticalScrollBar().setValue(random.randint(0, view.verticalScrollBar().maximum()))
            case "choose":
                view.setCurrentIndex(random.choice((index, tree.index(0, 0, index))))
        plain.collapseAll()
        for span in range(1, 8):
            plain.setExpanded(tree.index_of(span), view.isExpanded(tree.index_of(span)))
        assert list(_listed(view)) == list(_listed(plain))
    tree.deleteLater()


def test_a_view_stays_where_it_is_when_rows_come_below_an_unfolded_one(qtbot: QtBot) -> None:
    tree, view = RunTreeModel("r"), RunTreeView()
    tree.take(_crowds(3, 40))
    qtbot.addWidget(view)
    view.resize(600, 150)
    view.show_tree(tree)
    view.follow(False)
    view.show()
    qtbot.waitExposed(view)
    told: list[QModelIndex] = []
    for signal in (view.expanded, view.collapsed):
        signal.connect(told.append)
    for group in (2, 3, 4):
        view.expand(tree.index_of(group))
        tree.take(_page(group, 0, 20))
    view.setCurrentIndex(tree.index_of(409))
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum())
    place, top = bar.value(), view.indexAt(view.viewport().rect().topLeft()).internalId()
    assert place > 40
    tree.take(_page(4, 20, 20))
    assert (bar.value(), view.indexAt(view.viewport().rect().topLeft()).internalId()) == (place, top)
    assert bar.maximum() == place + 20
    assert view.currentIndex().internalId() == 409
    assert [index.internalId() for index in told] == [2, 3, 4]  # as a person did, and no more often
    tree.deleteLater()
