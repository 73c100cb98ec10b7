from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desktop.documents import library as library_module
from rlm_desktop.documents.corpus import scan_paths
from rlm_desktop.documents.library import Library
from rlm_desktop.documents.text import read_text
from rlm_desktop.errors import UserError

TEXT = st.text(st.sampled_from("ab \né漢😀\u2019"), min_size=1, max_size=80)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(TEXT, min_size=1, max_size=3),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    data=st.data(),
)
def test_offsets_are_characters_of_the_decoded_text(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], encoding: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("library")
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_bytes(text.encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library_module, "_STEP", 5)
        library = Library(scan_paths([folder]))
        index = data.draw(st.integers(0, len(texts) - 1))
        text = texts[index]
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        passage = library.passage(library.byte_at(index, start), library.byte_at(index, end))
    assert read_text(library.documents[index]) == text
    assert (passage.document, passage.start, passage.end) == (index, start, end)
    assert passage.text == text[start:end]
    assert passage.start_line == text.count("\n", 0, start) + 1
    assert passage.end_line == text.count("\n", 0, end - 1) + 1


def test_a_file_that_went_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("text")
    corpus = scan_paths([path])
    path.unlink()
    with pytest.raises(UserError, match=r"a\.txt cannot be read any more"):
        Library(corpus)
