"""Templates fit what is open; a person's own are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlm_desktop.gui.asking.blanks import blanks
from rlm_desktop.gui.asking.templates import OwnTemplates, kinds_of, shipped, suits
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.wire.documents import Document, Opened


def opened(**sizes: int) -> Opened:
    documents = tuple(
        Document(number, name.replace("_", "."), name, size, "utf-8")
        for number, (name, size) in enumerate(sizes.items())
    )
    return Opened("x", "list", ("/x",), len(documents), 0, 0, 0, documents)


@pytest.mark.parametrize(
    ("sizes", "kinds"),
    [
        ({"kjv_txt": 10}, {"prose"}),
        ({"main_py": 100, "README_md": 5}, {"code"}),
        ({"main_py": 100, "guide_md": 90}, {"code", "prose"}),
        ({"app_log_1": 10}, {"logs"}),
        ({"sales_CSV": 10}, {"tables"}),
        ({"LICENSE": 10}, {"prose"}),
        ({}, set()),
    ],
)
def test_the_names_of_documents_tell_what_they_are(sizes: dict[str, int], kinds: set[str]) -> None:
    assert kinds_of(opened(**sizes)) == kinds


def test_there_are_templates_for_each_kind_and_some_for_all() -> None:
    assert 10 <= len(shipped()) <= 16 and len({one.title for one in shipped()}) == len(shipped())
    for kind in ("code", "prose", "logs", "tables"):
        fitting = [one for one in shipped() if suits(one, frozenset([kind]))]
        assert 4 <= len(fitting) < len(shipped())
    assert all(suits(one, frozenset()) for one in shipped())
    assert any(blanks(one.text) for one in shipped()) and kinds_of(None) == frozenset()


def test_own_templates_are_kept_until_they_are_removed(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    own = OwnTemplates(Choices(file))
    for text in ("Who is ‹name›?\nAnd, where; \"is\" 'he' [now]?", "Why?", "Why?", "  "):
        own.add(text)
    again = OwnTemplates(Choices(file))
    assert [one.text for one in again.all] == ["Who is ‹name›?\nAnd, where; \"is\" 'he' [now]?", "Why?"]
    assert again.all[0].title.startswith("Who is ‹name›? And")
    again.remove("Why?")
    again.remove("never kept")
    assert len(OwnTemplates(Choices(file)).all) == 1
    Choices(file).keep("ask/templates", "{damaged")
    assert OwnTemplates(Choices(file)).all == ()
