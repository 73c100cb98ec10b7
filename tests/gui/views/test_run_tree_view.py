"""How the tree of a run is laid out."""

import pytest
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from rlm_desktop.events import Row, Usage
from rlm_desktop.gui.models.run_columns import COLUMNS
from rlm_desktop.gui.models.run_tree_model import RunTreeModel
from rlm_desktop.gui.status import ROW
from rlm_desktop.gui.views.run_tree_view import RunTreeView

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
