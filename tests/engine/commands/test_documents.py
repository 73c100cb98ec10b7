"""Which of some paths are gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.test_server import engine


async def test_paths_that_are_not_there_are_told(home: Path, document: Path) -> None:
    gone = ["/no/such/book.txt", "", "a\0b", "/" + "x" * 5000]
    async with engine(home) as front:
        answer = await front.call("missing", paths=[str(document), str(document.parent), *gone])
        assert answer["paths"] == gone[:1] + gone[2:]  # the empty one is the current folder
        assert (await front.call("missing", paths=[]))["paths"] == []


@pytest.mark.parametrize("paths", [None, "book.txt", [1]])
async def test_what_is_no_list_of_paths_is_refused(home: Path, paths: object) -> None:
    async with engine(home) as front:
        assert (await front.error("missing", paths=paths))["kind"] == "user"
