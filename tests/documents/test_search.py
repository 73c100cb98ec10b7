from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desktop.documents.corpus import scan_paths
from rlm_desktop.documents.library import Library
from rlm_desktop.documents.search import find
from rlm_desktop.documents.text import read_text

Make = Callable[[dict[str, str]], Library]
FILLER = "The quick brown fox jumps over the lazy dog and goes home to sleep until morning.\n"


def test_the_needle_comes_first(library_of: Make) -> None:
    hay = [FILLER] * 5000
    hay[3210] = "The treasure of Captain Flint lies buried under the old oak.\n"
    hay[100] = "A captain went to sea.\n"
    library = library_of({"book.txt": "".join(hay)})
    passages = find(library, "Where did Captain Flint bury his treasure?", k=3)
    assert "under the old oak" in passages[0].text
    assert passages[0].start_line <= 3211 <= passages[0].end_line


def test_nothing_is_found_where_nothing_stands(library_of: Make) -> None:
    library = library_of({"a.txt": FILLER * 10})
    assert find(library, "zymurgy") == []
    assert find(library, "") == []
    assert find(library, "fox", k=0) == []


def test_a_definition_beats_its_uses_and_begins_the_passage(library_of: Make) -> None:
    uses = "".join(f"value = merge_streams(source_{number})\n" + FILLER * 9 for number in range(60))
    body = "def merge_streams(source):\n    '''Merge sorted streams.'''\n    return sorted(source)\n"
    library = library_of({"uses.py": uses, "lib.py": FILLER * 40 + "\n" + body + "\n" + FILLER * 40})
    best = find(library, "How does merge_streams work?", k=2)[0]
    assert best.name == "lib.py"
    assert "def merge_streams" in best.text


def test_a_file_named_like_the_question_is_preferred(library_of: Make) -> None:
    text = FILLER * 30 + "The default port is 25.\n" + FILLER * 30
    library = library_of({"alpha.txt": text, "smtp.txt": text, "zeta.txt": text})
    assert find(library, "default port of smtp", k=1)[0].name == "smtp.txt"


def test_passages_of_one_document_may_all_be_needed(library_of: Make) -> None:
    lines = [FILLER] * 3000
    for number in (500, 1500, 2500):
        lines[number] = f"Zarathustra spoke for the {number}th time.\n"
    library = library_of({"a.txt": "".join(lines)})
    text = " ".join(passage.text for passage in find(library, "Zarathustra", k=6))
    assert all(f"{number}th" in text for number in (500, 1500, 2500))


def test_copies_are_shown_once(library_of: Make) -> None:
    licence = "Permission to use the software is granted.\n" * 3
    files = {f"{number}.txt": licence + FILLER * number for number in range(9)}
    passages = find(
        library_of({**files, "z.txt": FILLER * 9 + "No permission is needed.\n"}), "permission", k=4
    )
    assert {"No permission" in passage.text for passage in passages[:2]} == {True, False}


@settings(max_examples=60, deadline=None)
@given(
    words=st.lists(
        st.sampled_from(["alpha", "beta", "Größe", "漢字", "😀", "\n", "\n\n", "gamma.", "deltaEpsilon"]),
        max_size=400,
    ),
    query=st.sampled_from(["alpha beta", "größe", "漢字", "gamma epsilon", '"alpha beta" gamma', "delta"]),
    size=st.integers(40, 400),
)
def test_passages_are_slices_of_the_text_and_do_not_overlap(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], query: str, size: int
) -> None:
    folder = tmp_path_factory.mktemp("search")
    (folder / "a.txt").write_bytes(("x " + " ".join(words)).encode())
    (folder / "b.txt").write_bytes((" ".join(reversed(words)) + " y").encode("utf-16"))
    library = Library(scan_paths([folder]))
    passages = find(library, query, 6, size)
    for passage in passages:
        text = read_text(library.documents[passage.document])
        assert passage.text == text[passage.start : passage.end]
        assert 0 < len(passage.text) <= size + 4
        assert passage.start_line == text.count("\n", 0, passage.start) + 1
    for one, other in combinations(passages, 2):
        assert one.document != other.document or one.end <= other.start or other.end <= one.start
