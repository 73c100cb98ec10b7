from pathlib import Path

from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.library.row import LibraryRow
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS


def text_at(window: MainWindow, width: int) -> str:
    """What a row of this width says of the source."""
    view = window.library_panel.view
    index = view.model().index(0, 0)
    option = QStyleOptionViewItem()
    view.initViewItemOption(option)
    option.rect.setRect(0, 0, width, 24)
    row = LibraryRow()
    row.initStyleOption(option, index)
    assert row.sizeHint(option, index).width() == 0
    return option.text


def test_figures_go_before_names_and_names_keep_their_ends(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "The first book of Moses, called Genesis.txt"
    path.write_text("In the beginning\n" * 99)
    window.open_paths([str(path)])
    qtbot.waitUntil(lambda: bool(window.library.model.sources), timeout=WAIT_MS)
    whole = text_at(window, 900)
    assert whole == window.library_panel.view.model().index(0, 0).data() == f"{path.name}   1.7\u202fkB"
    cut = text_at(window, 220)
    assert cut.startswith("The first") and cut.endswith(".txt   1.7\u202fkB") and "…" in cut
    narrow = text_at(window, 110)
    assert narrow.startswith("The") and narrow.endswith(".txt") and "…" in narrow
