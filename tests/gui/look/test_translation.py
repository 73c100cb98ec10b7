"""A language of one's own: what is translated comes out translated, and what is not stays in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import translations
from rlm_desktop.gui.actions import ACTIONS
from rlm_desktop.gui.look.translation import load_translation
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import MakeWindow

ESPERANTO = QLocale("eo")


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one translation, in which every text stands in brackets."""
    file = tmp_path_factory.mktemp("languages") / "window_eo.ts"
    translations.collect([file])
    tree = ElementTree.parse(file)
    tree.getroot().set("language", "eo")
    for message in tree.iter("message"):
        translation = message.find("translation")
        assert translation is not None
        del translation.attrib["type"]
        text = f"⟦{message.findtext('source')}⟧"
        forms = translation.findall("numerusform")
        for form in forms:
            form.text = text
        if not forms:
            translation.text = text
    tree.write(file, "utf-8")
    translations.compile_file(file)
    return file.parent


@pytest.fixture
def esperanto(languages: Path, qapp: QApplication) -> Iterator[None]:
    assert load_translation(qapp, ESPERANTO, languages)
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()


def test_the_window_speaks_the_language(esperanto: None, qtbot: QtBot, make_window: MakeWindow) -> None:
    window: MainWindow = make_window()
    for spec in ACTIONS:
        action = window.actions_by_name[spec.name]
        assert action.text().startswith("⟦"), spec.name
        assert action.toolTip().startswith("⟦"), spec.name
    assert all(menu.text().startswith("⟦") for menu in window.menuBar().actions())
    assert window.documents.welcome.sample.text() == "⟦Replay a sample session⟧"
    assert window.care.settings.windowTitle() == "⟦Settings⟧"
    assert all(row.title.startswith("⟦") for row in window.care.settings.rows)


def test_templates_speak_it_too(esperanto: None, qtbot: QtBot, make_window: MakeWindow) -> None:
    window: MainWindow = make_window()
    window.ask.templates.fill()
    first = window.ask.templates.list.actions()[1]  # below the line under the person's own
    assert first.text().startswith("⟦") and first.toolTip().startswith("⟦")
    first.trigger()
    assert window.ask.box.text.startswith("⟦")


def test_values_are_put_in_afterwards(esperanto: None) -> None:
    assert tr("No setting speaks of “{words}”.").format(words="x") == "⟦No setting speaks of “x”.⟧"
    assert tr("Nobody translated this.") == "Nobody translated this."


def test_without_a_translation_it_is_english(languages: Path, qapp: QApplication) -> None:
    assert not load_translation(qapp, QLocale("de"), languages)
    assert not load_translation(qapp, QLocale("sw"))
    assert tr("Settings") == "Settings"


def test_every_text_can_be_found_and_filled() -> None:
    """Qt's tool finds a text only where it stands in the call, and a number only by its place."""
    for source in translations.sources():
        code = source.read_text("utf-8")
        assert not re.search(r"\b(tr|later)\(\s*f[\"']", code), source
        assert not re.search(r"\btr\([^()]*\bcount=", code), source
