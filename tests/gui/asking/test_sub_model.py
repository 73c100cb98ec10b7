"""The model of sub-calls is the root's unless a person says otherwise."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from rlm_desktop.gui.asking.sub_model import SubModel
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.models.catalogue import Catalogue
from tests.gui.conftest import WAIT_MS


def test_it_lists_what_is_ready_and_keeps_what_was_chosen(qtbot: QtBot, engine: EngineClient) -> None:
    catalogue = Catalogue(engine)
    picker = SubModel(catalogue)
    qtbot.addWidget(picker)
    assert picker.name == "" and picker.count() == 1
    catalogue.refresh()
    qtbot.waitUntil(lambda: picker.count() == 3, timeout=WAIT_MS)
    names = [picker.itemData(row) for row in range(picker.count())]
    assert names == ["", "tiny", "openai:gpt-mini"]  # "big" is not downloaded
    picker.choose("script:/some/replies.json")
    assert picker.name == "script:/some/replies.json" and picker.currentText() == "replies.json"
    with qtbot.waitSignal(catalogue.changed, timeout=WAIT_MS):
        catalogue.refresh()
    assert picker.name == "script:/some/replies.json"
    picker.choose("")
    assert picker.name == ""
