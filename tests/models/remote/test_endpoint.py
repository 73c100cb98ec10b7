"""What an address means, and where it may lead."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.remote.endpoint import parse_endpoint
from tests.models.remote.conftest import KEY

OFFLINE, ONLINE = Settings(Path("/nowhere")), Settings(Path("/nowhere"), online=True)


@pytest.mark.parametrize(
    ("spec", "base_url", "model", "key", "host"),
    [
        ("openai:gpt-4o-mini", "https://api.openai.com/v1", "gpt-4o-mini", "openai", "api.openai.com"),
        ("anthropic:claude-x", "https://api.anthropic.com/v1", "claude-x", "anthropic", "api.anthropic.com"),
        ("https://api.openai.com/v1#o3", "https://api.openai.com/v1", "o3", "openai", "api.openai.com"),
        ("HTTPS://OpenRouter.AI:443/api/v1/#a/b:free", "https://openrouter.ai/api/v1", "a/b:free", "openrouter.ai",
         "openrouter.ai"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1", "", "127.0.0.1", "127.0.0.1:8080"),
        ("http://[::1]:8080/v1#x", "http://[::1]:8080/v1", "x", "1", "[::1]:8080"),
        ("http://localhost.#x", "http://localhost", "x", "localhost", "localhost"),
    ],
)  # fmt: skip
def test_what_an_address_says(spec: str, base_url: str, model: str, key: str, host: str) -> None:
    found = parse_endpoint(spec)
    assert (found.base_url, found.model, found.key, found.host) == (base_url, model, key, host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "[::1]", "localhost", "LOCALHOST", "localhost."])
def test_this_computer_needs_no_network(host: str) -> None:
    endpoint = parse_endpoint(f"http://{host}:8080/v1#m")
    assert endpoint.loopback
    endpoint.permit("m", OFFLINE)
    assert endpoint.find_key("m") in {"", KEY}


@pytest.mark.parametrize(
    "host",
    ["10.0.0.1", "192.168.1.5", "0.0.0.0", "127.0.0.1.nip.io", "localhost.example.org", "127.1", "2130706433",
     "0x7f000001", "[::ffff:127.0.0.1]", "[fe80::1]", "example.org"],
)  # fmt: skip
def test_anything_else_is_elsewhere(host: str) -> None:
    endpoint = parse_endpoint(f"http://{host}/v1#m")
    assert not endpoint.loopback
    with pytest.raises(UserError, match="this program is offline"):
        endpoint.permit("m", OFFLINE)
    endpoint.permit("m", ONLINE)


@pytest.mark.parametrize(
    "spec",
    ["http://", "http://#m", "http://:80/v1#m", "http://user:secret@host/v1#m", "http://secret@host/v1#m",
     "https://host/v1?key=secret#m", "http://host:port/v1#m", "http://host:99999/v1#m", "http://ho st/v1#m",
     "http://[::1/v1#m", r"http://127.0.0.1\@evil.example/v1#secret", "http://hôst/v1#m", "http:///v1#m", "openai:",
     "openai:two words", "http://host/v1#two words", "http://host/\r\nX: secret/v1#m"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_repeated(spec: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_endpoint(spec)
    assert "secret" not in str(caught.value)


@given(st.text(max_size=40))
def test_no_address_leads_elsewhere_unnoticed(text: str) -> None:
    """What follows the host of this computer cannot make it another."""
    try:
        endpoint = parse_endpoint(f"http://127.0.0.1{text}")
    except UserError:
        return
    authority = endpoint.base_url.removeprefix("http://").partition("/")[0]
    host = authority.partition(":")[0]
    assert not endpoint.loopback or (host.startswith("127.") and host.replace(".", "").isdigit())


def test_a_key_is_needed_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UserError, match="There is no key for openai:gpt-5") as caught:
        parse_endpoint("openai:gpt-5").find_key("openai:gpt-5")
    assert "OPENAI_API_KEY" in caught.value.hint
    assert "rlm-desktop models key openai" in caught.value.hint
    assert parse_endpoint("http://10.0.0.1/v1#m").find_key("m") == ""


def test_a_key_never_travels_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLM_DESKTOP_KEY_10_0_0_1", KEY)
    with pytest.raises(UserError, match="plain http") as caught:
        parse_endpoint("http://10.0.0.1/v1#m").find_key("m")
    assert KEY not in str(caught.value)
    assert parse_endpoint("https://10.0.0.1/v1#m").find_key("m") == KEY
