"""The network switch, remote models, their keys and what they cost."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.models.remote import is_remote, paid, provider
from tests.gui.conftest import WAIT_MS, MakeWindow, close
from tests.gui.test_main_window import ask, open_book

LEFT = Qt.MouseButton.LeftButton


@pytest.mark.parametrize(
    ("name", "owner", "remote"),
    [
        ("tiny", "", False),
        ("/models/qwen.gguf", "", False),
        ("C:\\models\\qwen.gguf", "", False),
        ("script:/replies.json", "", False),
        ("openai:gpt-mini", "openai", True),
        ("Anthropic:claude", "anthropic", True),
        ("https://models.example.org/v1#m", "models.example.org", True),
        ("https://api.openai.com/v1#gpt-mini", "openai", True),
        ("HTTP://Models.Example.org:8000/v1", "models.example.org", True),
        ("http://localhost:8080/v1#m", "localhost", False),
        ("http://127.0.0.1:8080/v1", "127.0.0.1", False),
        ("http://127.3.2.1/v1", "127.3.2.1", False),
        ("http://[::1]:8080/v1#m", "::1", False),
        ("http://192.168.1.5/v1#m", "192.168.1.5", True),
        ("http://127.0.0.1.example.org/v1", "127.0.0.1.example.org", True),
    ],
)
def test_only_a_model_elsewhere_needs_the_network(name: str, owner: str, remote: bool) -> None:
    assert provider(name) == owner
    assert is_remote(name) == remote


def test_what_was_paid() -> None:
    assert paid(0.0, "tiny") == "free"
    assert paid(0.0, "tiny", "openai:x") == "price not known"
    assert paid(0.0031, "openai:x") == "$0.0031"


def online(qtbot: QtBot, window: MainWindow, expected: bool) -> None:
    text = "Network on" if expected else "Network off"
    qtbot.waitUntil(lambda: window.status.network.text() == text, timeout=WAIT_MS)
    assert window.actions_by_name["network"].isChecked() == expected == window.models.network.online


def test_the_network_is_off_until_it_is_switched_on_and_stays_as_it_was_left(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    first = make_window()
    online(qtbot, first, False)
    off = first.status.network.icon().pixmap(16).toImage()
    qtbot.mouseClick(first.status.network, LEFT)
    online(qtbot, first, True)
    assert first.status.network.icon().pixmap(16).toImage() != off
    close(qtbot, first)
    second = make_window()
    online(qtbot, second, True)
    second.actions_by_name["network"].trigger()
    online(qtbot, second, False)
    close(qtbot, second)
    online(qtbot, make_window(), False)


def test_what_is_said_for_one_start_comes_before_what_was_left(
    qtbot: QtBot, home: Path, make_window: MakeWindow
) -> None:
    choices = Choices(home / "window.ini")
    for said, left in ((False, True), (True, False)):
        choices.online = left
        window = make_window(online=said)
        online(qtbot, window, said)
        assert Choices(home / "window.ini").online is left, "only a person changes what is kept"
        close(qtbot, window)
    online(qtbot, make_window(), False)


def test_a_new_engine_is_switched_as_the_last_one_was(qtbot: QtBot, window: MainWindow) -> None:
    window.models.network.switch(True)
    online(qtbot, window, True)
    window.engine._process.kill()
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    window.actions_by_name["network"].trigger()
    assert window.actions_by_name["network"].isChecked()  # no engine, no switch
    with qtbot.waitSignal(window.engine.greeted, timeout=WAIT_MS):
        window.banner.action.click()
    online(qtbot, window, True)


def test_a_remote_model_waits_for_the_network(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    open_book(qtbot, window, book)
    window.ask.box.setPlainText("Who?")
    picker = window.ask.picker
    picker.choose("openai:gpt-mini")
    assert picker._note.text() == "Switch the network on, or choose a local model."
    assert window.ask._hint.text() == "The network is off." and not window.ask.button.isEnabled()
    qtbot.mouseClick(picker.switch_on, LEFT)
    online(qtbot, window, True)
    assert window.ask.button.isEnabled() and not picker.switch_on.isVisible()
    assert picker._note.text() == "$0.25 prompt, $2 reply for a million tokens"
    ask(qtbot, window, book, "Who was it?", "Answered")
    tree = window.tree.tree()
    assert tree is not None
    assert [tree.index_of(span, 5).data() for span in (1, 2, 3, 4)] == ["$0.0035", "$0.0004", "$0.0004", "–"]
    assert "$0.0035" in window.answer._facts.text() and "$0.0035" in window.status.spent.text()


def test_a_server_on_this_computer_needs_no_network(qtbot: QtBot, window: MainWindow) -> None:
    picker = window.ask.picker
    picker.choose("http://127.0.0.1:8080/v1#m")
    assert picker.ready and not picker.switch_on.isVisible()
    picker.other.setText("https://models.example.org/v1#m")
    assert not picker.ready and picker.switch_on.isVisible()


def test_a_limit_in_money_is_asked_for_where_money_is_spent(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    window.ask.fold.click()
    limits = window.ask.limits
    assert limits.turns.isVisible() and not limits.cost.isVisible()
    window.ask.picker.choose("openai:gpt-mini")
    assert limits.cost.isVisible() and limits.limits().cost_usd is None
    limits.cost.setValue(0.05)
    assert limits.limits().cost_usd == 0.05
    window.models.network.switch(True)
    online(qtbot, window, True)
    ask(qtbot, window, book, "a costly limit", "Partial answer")
    assert "The limit of $0.05 was reached. This is what was found until then:" in (
        window.answer.page.toPlainText()
    )


def fill(qtbot: QtBot, window: MainWindow, owner: str, model: str, key: str) -> None:
    dialog = window.models.dialog
    window.actions_by_name["add_model"].trigger()
    assert dialog.isVisible() and not dialog.isModal() and not dialog.add.isEnabled()
    dialog.provider.setCurrentIndex(dialog.provider.findText(owner))
    qtbot.keyClicks(dialog.model, model)
    qtbot.keyClicks(dialog.key, key)


def keys(home: Path) -> dict[str, str]:
    file = home / "keys.json"
    return json.loads(file.read_text()) if file.exists() else {}  # type: ignore[no-any-return]


def test_a_remote_model_is_added_and_its_key_is_kept_elsewhere(
    qtbot: QtBot, make_window: MakeWindow, home: Path
) -> None:
    window = make_window()
    fill(qtbot, window, "Anthropic", "claude-x", "sk-very-secret")
    dialog = window.models.dialog
    assert dialog.key.echoMode() is dialog.key.EchoMode.Password
    qtbot.mouseClick(dialog.add, LEFT)
    qtbot.waitUntil(lambda: keys(home) == {"anthropic": "sk-very-secret"}, timeout=WAIT_MS)
    assert not dialog.isVisible() and dialog.key.text() == ""
    assert window.ask.picker.name == "anthropic:claude-x"
    close(qtbot, window)
    assert "secret" not in (home / "window.ini").read_text()
    second = make_window()
    assert second.ask.picker.combo.findData("anthropic:claude-x") >= 0
    second.ask.picker.choose("anthropic:claude-x")
    second.actions_by_name["drop_model"].trigger()
    assert second.ask.picker.combo.findData("anthropic:claude-x") < 0
    assert not second.actions_by_name["drop_model"].isEnabled()


def test_a_model_at_another_address(qtbot: QtBot, window: MainWindow, home: Path) -> None:
    fill(qtbot, window, "Other address", "m", "sk-very-secret")
    dialog = window.models.dialog
    assert dialog.address.isVisible() and not dialog.add.isEnabled()
    for address, good in (("models", False), ("ftp://x/v1", False), ("https://u:p@x/v1", False),
                          ("https://x/v1#m", False), ("http://x.org/v1", True), ("https://x.org/v1", True)):  # fmt: skip
        dialog.address.setText(address)
        assert dialog.add.isEnabled() == good, address
        assert bool(dialog.hint.text()) == (not address.startswith("https://x.org")), address
    qtbot.keyClick(dialog.key, Qt.Key.Key_Return)
    assert window.ask.picker.name == "https://x.org/v1#m"
    qtbot.waitUntil(lambda: keys(home) == {"x.org": "sk-very-secret"}, timeout=WAIT_MS)


def test_a_computer_without_a_keyring_says_so(qtbot: QtBot, window: MainWindow) -> None:
    fill(qtbot, window, "OpenAI", "gpt-x", "no-keyring")
    window.models.dialog.add.click()
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert window.banner.text.text() == "This computer has no keyring. Set OPENAI_API_KEY instead."
    assert window.ask.picker.name == "openai:gpt-x"  # usable with a key in the environment


def test_esc_leaves_no_key_behind_and_a_key_can_be_forgotten(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    fill(qtbot, window, "OpenAI", "gpt-x", "sk-very-secret")
    dialog = window.models.dialog
    qtbot.keyClick(dialog.key, Qt.Key.Key_Escape)
    assert not dialog.isVisible() and dialog.key.text() == "" and not keys(home)
    window.actions_by_name["add_model"].trigger()
    qtbot.mouseClick(dialog.forget, LEFT)
    qtbot.waitUntil(lambda: keys(home) == {"openai": ""}, timeout=WAIT_MS)
