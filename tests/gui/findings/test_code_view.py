from pytestqt.qtbot import QtBot

from rlm_desktop.gui.findings.code_view import CodeView
from rlm_desktop.gui.look.theme import DARK, LIGHT
from tests.gui.conftest import WAIT_MS
from tests.gui.shots.camera import palette


def colour_of(view: CodeView, word: str) -> str:
    """The colour the first occurrence of a word is painted in."""
    cursor = view.document().find(word)
    formats = cursor.block().layout().formats()
    start = cursor.selectionStart() - cursor.block().position()
    found = [f.format.foreground().color().name() for f in formats if f.start <= start < f.start + f.length]
    return found[0] if found else ""


def done(qtbot: QtBot, view: CodeView) -> None:
    qtbot.waitUntil(lambda: not view.busy, timeout=WAIT_MS)


def test_code_is_coloured_in_the_colours_of_the_scheme(qtbot: QtBot) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    view.setPalette(palette(dark=False))
    view.set_code('# über 🜁\ndef look():\n    return "tête 🜁", find(1)\n')
    done(qtbot, view)
    assert colour_of(view, "def") == LIGHT.keyword
    assert colour_of(view, "look") == LIGHT.name
    assert colour_of(view, "tête") == LIGHT.string
    assert colour_of(view, "über") == LIGHT.comment
    assert colour_of(view, "find") == ""
    view.setPalette(palette(dark=True))
    done(qtbot, view)
    assert colour_of(view, "def") == DARK.keyword


def test_the_gutter_makes_room_for_its_numbers(qtbot: QtBot) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    narrow = view.gutter_width()
    view.set_code("x = 1\n" * 1000)
    assert view.gutter_width() > narrow
    view.show()
    view.grab()


def test_long_code_is_coloured_bit_by_bit(qtbot: QtBot) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    code = "first = 'x'\n" + "y = 1  # 🜁\n" * 2000 + "return 'end'\n'''two\nlines'''"
    view.set_code(code)
    assert view.busy and not colour_of(view, "return")
    view.set_code("def look(): pass")
    done(qtbot, view)
    assert colour_of(view, "def")
    view.set_code(code)
    qtbot.waitUntil(lambda: bool(colour_of(view, "'x'")), timeout=WAIT_MS)
    done(qtbot, view)
    assert all(colour_of(view, words) for words in ("'x'", "return", "'end'", "two", "lines"))
    view.setPlainText("return")
    assert not colour_of(view, "return")


def test_code_that_would_take_long_to_colour_is_shown_as_it_is(qtbot: QtBot) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    code = "def look(): pass\n" * 10_000
    view.set_code(code)
    assert view.toPlainText() == code
    assert colour_of(view, "def") == ""
