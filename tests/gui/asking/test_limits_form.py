"""Limits stand side by side where there is room, and are told as they are set."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from rlm_desktop.events import Limits
from rlm_desktop.gui.asking.limits_form import LimitsForm


def test_a_wide_form_has_two_columns_and_a_narrow_one_has_one(qtbot: QtBot) -> None:
    frame = QWidget()
    qtbot.addWidget(frame)
    form = LimitsForm()
    QVBoxLayout(frame).addWidget(form)
    frame.resize(900, 300)
    frame.show()
    qtbot.waitUntil(lambda: form.turns.y() == form.subcalls.y())
    assert form.turns.x() < form.subcalls.x()
    frame.resize(frame.minimumSizeHint().width(), 400)
    qtbot.waitUntil(lambda: form.turns.y() < form.subcalls.y())
    assert form.turns.x() == form.subcalls.x() and form.turns.geometry().right() < frame.width()
    frame.resize(900, 300)
    qtbot.waitUntil(lambda: form.turns.y() == form.subcalls.y())


def test_limits_come_back_as_they_were_set(qtbot: QtBot) -> None:
    form = LimitsForm()
    qtbot.addWidget(form)
    assert form.limits() == Limits()
    for limits in (
        Limits(turns=3, tokens=10_000, seconds=90.0, cost_usd=0.25, depth=2),
        Limits(turns=None, subcalls=5),
    ):
        with qtbot.waitSignal(form.changed):
            form.set_limits(limits)
        assert form.limits() == limits
