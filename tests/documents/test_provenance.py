"""Forty cell programs say what they showed; the tracer, which sees only the texts, must say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from rlm_desktop.documents.anchors import Anchors
from rlm_desktop.documents.corpus import scan_paths
from rlm_desktop.documents.library import Library
from rlm_desktop.documents.provenance import Tracer
from rlm_desktop.events import Range
from tests.documents.provenance_corpus import files
from tests.documents.provenance_programs import PROGRAMS, Desk, Program, code_of

Characters = set[tuple[int, int]]


@dataclass
class Traced:
    """Characters of the documents: those that were shown, those that were found, and those of them found for certain.

    Line breaks do not count: whether one that was printed is the document's or that of `print`, nobody can say.
    """

    shown: Characters
    found: Characters
    certain: Characters

    @property
    def recall(self) -> float:
        return len(self.shown & self.found) / len(self.shown)

    @property
    def precision(self) -> float:
        return len(self.shown & self.certain) / max(1, len(self.certain))


@dataclass
class Workshop:
    """The corpus, and what came of each program."""

    texts: list[str]
    names: list[str]
    tracer: Tracer
    done: dict[str, Traced] = field(default_factory=dict)

    def run(self, program: Program) -> Traced:
        """What comes of a program, the first time; and what came of it after that."""
        if program.__name__ in self.done:
            return self.done[program.__name__]
        desk = Desk(self.texts, self.names)
        program(desk)
        ranges = [one for some in self.tracer.trace(desk.outputs, own=code_of(program)) for one in some]
        traced = Traced(
            self.characters(desk.taken),
            self.characters((one.document, one.start, one.end) for one in ranges),
            self.characters((one.document, one.start, one.end) for one in ranges if not one.ambiguous),
        )
        self.done[program.__name__] = traced
        return traced

    def characters(self, spans: Iterable[tuple[int, int, int]]) -> Characters:
        return {
            (document, at)
            for document, start, end in spans
            for at in range(start, end)
            if self.texts[document][at] not in "\r\n"
        }


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    folder = tmp_path_factory.mktemp("corpus")
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    corpus = scan_paths([folder])
    texts = [Path(document.path).read_bytes().decode() for document in corpus.documents]
    return Workshop(texts, [document.name for document in corpus.documents], Tracer(Library(corpus)))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_program(workshop: Workshop, program: Program) -> None:
    traced = workshop.run(program)
    assert traced.recall >= 0.96
    assert traced.precision >= 0.98


def test_of_all_programs(workshop: Workshop) -> None:
    """At least 99 % of the characters are found, and 99 % of those that are named for certain are named right.

    Both for all characters together, most of which are in a few long prompts, and for programs on average.
    """
    assert len(PROGRAMS) == 40
    done = [workshop.run(program) for program in PROGRAMS]
    assert sum(len(one.shown & one.found) for one in done) >= 0.99 * sum(len(one.shown) for one in done)
    assert sum(len(one.shown & one.certain) for one in done) >= 0.99 * sum(len(one.certain) for one in done)
    assert sum(one.recall for one in done) >= 0.99 * len(done)
    assert sum(one.precision for one in done) >= 0.99 * len(done)


Make = Callable[[dict[str, str]], Library]


def test_text_of_nobody_is_not_traced(library_of: Make) -> None:
    tracer = Tracer(library_of({"a.txt": "The quick brown fox jumps over the lazy dog near Bergen.\n"}))
    texts = ["", "Total: 3 matches\n", "[1, 2, 3]\n", "a walrus swims under the ice\n", "\\", "\x00"]
    assert tracer.trace(texts) == [()] * len(texts)


def test_what_stands_in_the_code_is_not_the_documents(library_of: Make) -> None:
    tracer = Tracer(library_of({"a.txt": "Chapter One\nThe harbour of Bergen was empty.\n"}))
    output = "Chapter One: The harbour of Bergen was empty.\n"
    (ranges,) = tracer.trace([output], own='print(f"Chapter One: {line}")')
    assert ranges == (Range(0, 12, 44),)


def test_text_in_several_places_is_ambiguous_and_goes_with_its_neighbours(library_of: Make) -> None:
    line = "The ferry leaves at noon.\n"
    first, second = "In Bergen it rains all day long.\n", "In Molde the roses are in bloom.\n"
    library = library_of({"a.txt": f"{first}{line}{'-' * 5000}\n{second}{line}"})
    at = len(first + line) + 5001
    (ranges,) = Tracer(library).trace([f"{second[:-1]} / {line}"])
    assert ranges == (
        Range(0, at, at + len(second) - 1),
        Range(0, at + len(second), at + len(second) + len(line) - 1, ambiguous=True),
    )


def test_ambiguous_text_is_where_a_search_found_it(library_of: Make) -> None:
    line = "The ferry leaves at noon.\n"
    library = library_of({"a.txt": "".join(f"{line}{'x' * 50}{number}\n" for number in range(30))})
    start = library.documents[0].size // 2
    start = bytes(library.data).index(line.encode(), start)
    ((found,),) = Tracer(library).trace([line], near=[Range(0, start, start + len(line))])
    assert found == Range(0, start, start + len(line) - 1, ambiguous=True)


def test_ranges_count_characters_and_keep_to_their_documents(library_of: Make) -> None:
    one, two = (
        "Ærlighet varer lengst – sier de på Sørlandet.",
        "Où est le café « Zénith » à côté de l’église ?",
    )
    tracer = Tracer(library_of({"a.txt": one, "b.txt": two}))
    assert tracer.trace([f"{one}\n{two}"]) == [(Range(0, 0, len(one)), Range(1, 0, len(two)))]
    assert tracer.trace([two[7:40]]) == [(Range(1, 7, 40),)]
    assert tracer.trace([repr(["x", one[3:33]])]) == [(Range(0, 3, 33),)]


def test_an_empty_and_a_tiny_corpus(library_of: Make) -> None:
    assert Tracer(library_of({"a.txt": "x"})).trace(["x", "Something else entirely, at some length."]) == [
        (),
        (),
    ]


@pytest.fixture(scope="module")
def prose(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Tracer]:
    path = tmp_path_factory.mktemp("prose") / "novel.txt"
    text = files()["novel.txt"][:200_000]
    path.write_bytes(text.encode())
    return text, Tracer(Library(scan_paths([path])))


@given(
    cuts=st.lists(st.tuples(st.integers(0, 190_000), st.integers(60, 900)), min_size=1, max_size=8),
    glue=st.sampled_from(["\n", "\n---\n", " ## ", "\n\n[0] "]),
)
@settings(max_examples=60, deadline=None)
def test_any_slices_are_found_where_they_are(
    prose: tuple[str, Tracer], cuts: list[tuple[int, int]], glue: str
) -> None:
    text, tracer = prose
    (ranges,) = tracer.trace([glue.join(text[start : start + length] for start, length in cuts)])
    found = {at for one in ranges for at in range(one.start, one.end)}
    shown = {at for start, length in cuts for at in range(start, start + length)}
    allowed = 12 * len(cuts)  # white space and a part of a word at either end of a slice
    assert len(shown - found) <= allowed
    assert (
        len({at for one in ranges if not one.ambiguous for at in range(one.start, one.end)} - shown)
        <= allowed
    )


@given(texts=st.lists(st.text(max_size=300), max_size=4), own=st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_gives_ranges_of_the_documents(
    prose: tuple[str, Tracer], texts: list[str], own: str
) -> None:
    text, tracer = prose
    traced = tracer.trace([*texts, text[500:600]], own=own)
    assert len(traced) == len(texts) + 1
    for one in (one for some in traced for one in some):
        assert one.document == 0
        assert 0 <= one.start < one.end <= len(text)


def test_a_piece_as_long_as_the_reach_is_always_found() -> None:
    data = "".join(chr(97 + number * number * 31 % 26) for number in range(60_000)).encode() + bytes(
        range(97, 123)
    )
    data += b"".join(str(number).encode() for number in range(9000))
    anchors = Anchors(memoryview(data))
    for start in range(61_000, 61_400, 7):
        piece = data[start : start + anchors.reach]
        matches = anchors.look_up(piece).matches(1, 1 << 40)
        assert (start, 0, len(piece)) in set(
            zip(matches.places.tolist(), matches.starts.tolist(), matches.ends.tolist(), strict=True)
        )


@pytest.mark.parametrize("unit", ["a", " ", "ab cd ef ", "-" * 40 + "\n", "the same line again and again\n"])
def test_the_same_over_and_over_is_no_trouble(library_of: Make, unit: str) -> None:
    tracer = Tracer(library_of({"a.txt": unit * (2_000_000 // len(unit)), "b.txt": "What nobody repeats.\n"}))
    same, other = tracer.trace([unit * (60_000 // len(unit)), "So: What nobody repeats."])
    assert all(one.document == 0 and one.ambiguous for one in same)
    assert bool(same) == bool(unit.strip())
    assert other == (Range(1, 0, 20),)
