"""Keys come from the environment or a keyring that keeps secrets, and go nowhere else."""

from __future__ import annotations

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from rlm_desktop.errors import UserError
from rlm_desktop.models.keys import find_key, key_name, keyring_name, remove_key, store_key, variable

KEY = "sk-planted-0123456789"


class Memory(KeyringBackend):
    """A keyring that lives as long as the test."""

    priority = -1  # type: ignore[assignment]  # every subclass is on offer to the whole test session
    name = "memory"  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Locked(Memory):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the secret is sk-planted-0123456789")

    set_password = get_password  # type: ignore[assignment]


class PlainText(Memory):
    __module__ = "keyrings.alt.file"


def use(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> KeyringBackend:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    return backend


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    backend = Memory()
    use(monkeypatch, backend)
    return backend


def test_the_environment_comes_before_the_keyring(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_key("openai") == ""
    store_key("openai", KEY)
    assert memory.kept == {("rlm-desktop", "openai"): KEY}
    assert find_key("openai") == KEY
    monkeypatch.setenv("OPENAI_API_KEY", " sk-from-the-environment\n")
    assert find_key("openai") == "sk-from-the-environment"


def test_a_key_can_be_removed(memory: Memory) -> None:
    store_key("openai", KEY)
    assert remove_key("openai")
    assert not remove_key("openai")
    assert find_key("openai") == ""


@pytest.mark.parametrize(
    "key", ["", "short", "two words of it", "sk-ümlaut-0123456789", "x" * 5000, "sk-line\nbreak"]
)
def test_what_is_no_key_is_refused_and_not_repeated(memory: Memory, key: str) -> None:
    with pytest.raises(UserError, match="no key") as caught:
        store_key("openai", key)
    assert not key or key not in str(caught.value)
    assert not memory.kept


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring(), PlainText()])
def test_without_a_keyring_that_keeps_secrets_nothing_is_stored(
    monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend
) -> None:
    use(monkeypatch, backend)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert (find_key("openai"), keyring_name()) == ("", "")
    for attempt in (lambda: store_key("openai", KEY), lambda: remove_key("openai")):
        with pytest.raises(UserError, match="no keyring") as caught:
            attempt()
        assert "OPENAI_API_KEY" in caught.value.hint


def test_a_locked_keyring_says_so_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Locked())
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UserError, match=r"refused \(KeyringLocked\)") as caught:
        find_key("openai")
    assert KEY not in str(caught.value)
    assert caught.value.__suppress_context__
    assert find_key("openai", needed=False) == ""


def test_names_of_keys_and_their_variables() -> None:
    assert key_name(" OpenAI ") == "openai"
    assert variable("openai") == "OPENAI_API_KEY"
    assert variable("anthropic") == "ANTHROPIC_API_KEY"
    assert variable("openrouter.ai") == "RLM_DESKTOP_KEY_OPENROUTER_AI"
    for key in (KEY, "x" * 65):
        with pytest.raises(UserError, match="looks like a key") as caught:
            key_name(key)
        assert key not in str(caught.value)
    for bad in ("", "a b", "../x", "$HOME"):
        with pytest.raises(UserError, match="no name of a key"):
            key_name(bad)
