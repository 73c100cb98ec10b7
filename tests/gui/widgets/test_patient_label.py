"""Who waits a moment is told for what."""

from pytestqt.qtbot import QtBot

from rlm_desktop.gui.widgets.patient_label import PatientLabel
from tests.gui.conftest import WAIT_MS


def test_nothing_is_said_of_a_short_wait(qtbot: QtBot) -> None:
    label = PatientLabel("Opening book.txt…")
    qtbot.addWidget(label)
    label.show()
    assert not label.text() and label._patience.isActive()
    label.wait_for("Opening other.txt…")
    assert not label.text()
    qtbot.waitUntil(lambda: label.text() == "Opening other.txt…", timeout=WAIT_MS)
    label.wait_for("Opening both…")
    assert label.text() == "Opening both…"
    label.hide()
    assert not label.text()
    label.show()
    label.hide()
    assert not label._patience.isActive()
