from pytestqt.qtbot import QtBot

from rlm_desktop.gui.widgets.name_box import NameBox


def test_a_name_that_is_cut_is_kept_whole_and_its_ends_are_seen(qtbot: QtBot) -> None:
    name = "qwen2.5-coder-1.5b-instruct-q4_k_m"
    box, other = NameBox(), NameBox()
    for one, text in ((box, name + "  (not downloaded)"), (other, name.replace("q4", "q8"))):
        qtbot.addWidget(one)
        one.addItem(text)
        one.resize(170, 30)
        one.show()
    assert box.currentText() == name + "  (not downloaded)"
    assert box.grab().toImage() != other.grab().toImage()
    other.setItemText(0, name)
    assert box.minimumSizeHint().width() < box.fontMetrics().horizontalAdvance(name)
    assert box.grab().toImage() == other.grab().toImage()  # the remark went first
