"""The prompts: files in our own words, filled in by name."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from importlib import resources
from string import Template


@cache
def template(name: str) -> Template:
    """The template in ``prompts/NAME.md``; ``$name`` marks a place to fill."""
    return Template((resources.files(__name__) / f"{name}.md").read_text("utf-8").strip())


def prompt(name: str, **values: object) -> str:
    """A prompt with every place filled; a missing value is a `KeyError`, as it is our bug."""
    return template(name).substitute({key: str(value) for key, value in values.items()}).strip()


def dialogue(name: str, **values: object) -> list[str]:
    """A prompt of several messages, which lines of ``---`` part: system, then user and assistant in turn."""
    texts = {key: str(value) for key, value in values.items()}
    parts = template(name).template.split("\n---\n")
    return [Template(part).substitute(texts).strip() for part in parts]


@cache
def all_versions() -> str:
    """A short id that changes whenever any prompt does, recorded with each run."""
    digest = blake2b(digest_size=6)
    for file in sorted(resources.files(__name__).iterdir(), key=lambda item: item.name):
        if file.name.endswith(".md"):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()
