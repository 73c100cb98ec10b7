"""A row that stands in pages nobody has read is chosen when they have come."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from rlm_desktop.events import Row
from rlm_desktop.gui.run.reveal import Reveal
from rlm_desktop.gui.run.tree_model import ROOT, RunTreeModel
from rlm_desktop.gui.run.tree_view import RunTreeView


def row(span: int, parent: int, index: int, children: int = 0) -> Row:
    return Row(
        span=span, parent=parent, index=index, kind="turn" if span else "run", label=str(span), status="done", children=children,
        started=1, finished=2,
    )  # fmt: skip


class Tree(RunTreeView):
    """A tree of which three rows are known to be, and two have come; it takes down which pages are wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[tuple[int, int]] = []
        self.rows = RunTreeModel("r", self)
        self.rows.wanted.connect(lambda span, first: self.wanted.append((span, first)))
        self.rows.move([row(0, 0, 0, 3), row(1, ROOT, 0), row(2, ROOT, 1)])
        self.show_tree(self.rows)


@pytest.fixture
def view(qtbot: QtBot) -> Tree:
    view = Tree()
    qtbot.addWidget(view)
    return view


def test_what_is_there_is_chosen_at_once(view: Tree) -> None:
    Reveal(view).show([2])
    assert view.currentIndex().internalId() == 2


def test_what_is_not_is_read_level_by_level(view: Tree) -> None:
    Reveal(view).show([7, 9])
    assert view.wanted[-1] == (ROOT, 2)
    view.rows.move([row(7, ROOT, 2, 2)])
    assert view.wanted[-1] == (7, 0)
    view.rows.move([row(8, 7, 0)])
    assert view.wanted[-1] == (7, 1)
    view.rows.move([row(9, 7, 1)])
    assert view.currentIndex().internalId() == 9


def test_another_wish_takes_the_place_of_one_that_waits(view: Tree) -> None:
    reveal = Reveal(view)
    reveal.show([7])
    reveal.show([1])
    view.rows.move([row(7, ROOT, 2)])
    assert view.currentIndex().internalId() == 1
