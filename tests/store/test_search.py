"""Every run is found by its words, whatever they are, and nothing typed is taken for syntax."""

from __future__ import annotations

import sqlite3
import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rlm_desktop.errors import StoreError
from rlm_desktop.events import CellFinished, CellStarted, text_hash
from rlm_desktop.store import SearchHit, SearchPage, Store
from rlm_desktop.store.texts import SEARCHED
from tests.store.conftest import finished, put, put_whole, started


def names(page: SearchPage) -> list[str]:
    assert page.total == len(page.hits)
    return [hit.run.run for hit in page.hits]


def only(page: SearchPage) -> SearchHit:
    (hit,) = page.hits
    return hit


def marked(hit: SearchHit) -> list[str]:
    return [hit.snippet[mark.start : mark.end] for mark in hit.marks]


@pytest.fixture
def enoch(store: Store) -> Store:
    put_whole(
        store, "r1", "Who begat Methuselah?", "print(find_all('begat'))", "127: Jared\n\tlived long", "Énoch"
    )
    return store


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("methus", "question", ["Methuselah"]),
        ("find_all", "code", ["find_all"]),
        ("find", "code", ["find"]),
        ("jared", "output", ["Jared"]),
        ('"jared lived"', "output", ["Jared lived"]),
        ("enoch", "answer", ["Énoch"]),
        ("ENOCH", "answer", ["Énoch"]),
    ],
)
def test_a_run_is_found_by_each_of_its_texts(enoch: Store, text: str, where: str, words: list[str]) -> None:
    hit = only(enoch.search(text))
    assert (hit.where, marked(hit)) == (where, words)
    assert hit.run == enoch.summary("r1")
    assert hit.span == (2 if where in {"code", "output"} else 0)


def test_the_words_may_stand_in_different_texts_but_all_must_be_there(enoch: Store) -> None:
    assert names(enoch.search("jared methuselah enoch")) == ["r1"]
    assert names(enoch.search("jared methuselah noah")) == []
    assert names(enoch.search('"lived jared"')) == []
    assert names(enoch.search("meth jared")) == [], "only the last word may go on"


def test_a_snippet_is_one_line(enoch: Store) -> None:
    assert only(enoch.search("lived")).snippet == "127: Jared lived long"


def test_endless_words_are_cut_around_the_match(store: Store) -> None:
    put_whole(store, "r1", output=f"{'a' * 5000} needle {'b' * 5000}")
    hit = only(store.search("needle"))
    assert len(hit.snippet) <= 240
    assert marked(hit) == ["needle"]
    put_whole(store, "r2", output="c" * 5000)
    hit = only(store.search("ccc"))
    assert marked(hit) == ["c" * 240]


def test_what_a_person_wrote_counts_more_than_what_a_cell_printed(store: Store) -> None:
    put_whole(store, "printed", output="whale")
    put_whole(store, "asked", "a whale?")
    put_whole(store, "other", output="sea")
    put_whole(store, "named")
    store.rename("named", "Whale")
    assert names(store.search("whale")) == ["named", "asked", "printed"]


def test_equal_hits_are_newest_first_and_paged(store: Store) -> None:
    for number in range(5):
        put_whole(store, f"r{number}", "a whale?", time=number + 1)
    assert names(store.search("whale")) == ["r4", "r3", "r2", "r1", "r0"]
    page = store.search("whale", 3, 50)
    assert ([hit.run.run for hit in page.hits], page.total) == (["r1", "r0"], 5)
    assert store.search("whale", 9).total == 5


def test_the_best_text_of_a_run_is_shown(store: Store) -> None:
    put_whole(store, "r1", "whale?", code="whale", output="whale " * 50, answer="a whale")
    put_whole(store, "r2", "sea?", code="ship", output="rope", answer="none")
    put_whole(store, "r3", "sea?", code="ship", output="rope", answer="none")
    assert only(store.search("whale")).where == "question"


def test_a_run_that_is_going_is_found_by_its_question_and_title(store: Store) -> None:
    put(store, "r1", "some code", question="Where is it?")
    assert names(store.search("where")) == ["r1"]
    store.rename("r1", "Lost keys")
    assert only(store.search("keys")).where == "title"
    assert names(store.search("code")) == []
    store.append(finished("r1", 4))
    assert names(store.search("code")) == ["r1"]
    assert names(store.search("keys")) == ["r1"]


def test_a_new_title_replaces_the_old_one(enoch: Store) -> None:
    enoch.rename("r1", "first")
    enoch.rename("r1", "second")
    assert names(enoch.search("first")) == []
    assert names(enoch.search("second")) == ["r1"]
    enoch.rename("r1", "")
    assert names(enoch.search("second")) == []
    assert names(enoch.search("methuselah")) == ["r1"]
    consistent(enoch)


def test_a_text_is_indexed_once_and_as_far_as_is_said(store: Store) -> None:
    text = "begun " + "x " * SEARCHED + "beyond"
    store.append(started())
    for span in (1, 2):
        number = 2 * span
        store.append(
            CellStarted(run="r1", span=span, seq=number, code=text_hash("c"), label="c"),
            {text_hash("c"): "c"},
        )
        end = CellFinished(
            run="r1", span=span, seq=number + 1, status="ok", seconds=0, output=text_hash(text)
        )
        store.append(end, {text_hash(text): text})
    store.append(finished(seq=6))
    assert only(store.search("begun")).span == 1
    assert names(store.search("beyond")) == []
    parts = store._db.execute("SELECT part FROM search_parts ORDER BY id").fetchall()
    assert [part for (part,) in parts] == ["question", "answer", "code", "output"]
    consistent(store)


def test_streamed_text_is_not_mistaken_for_a_cell(store: Store) -> None:
    put(store, "r1", 'print("cell.finished")')
    store.append(finished(seq=4))
    assert only(store.search("finished")).where == "code"


def test_the_end_of_a_run_is_kept_when_the_disk_is_too_full_to_index_it(store: Store) -> None:
    words = "".join(f"word{number} " for number in range(30_000))
    put(store, "r1", words)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages + 3}")
    store.append(finished(seq=4))
    assert store.summary("r1").status == "answered"
    with pytest.raises(StoreError, match="disk is full"):
        store.search("word123")
    store._db.execute("PRAGMA max_page_count = 1000000")
    assert names(store.search("word123")) == ["r1"]
    consistent(store)


def test_a_second_process_finds_what_the_first_one_stores(tmp_path: Path, enoch: Store) -> None:
    with Store(tmp_path / "store.db", tmp_path) as other:
        assert names(other.search("methuselah")) == ["r1"]
        put_whole(enoch, "r2", "And Noah?")
        assert names(other.search("noah")) == ["r2"]
        other.delete("r2")
        assert names(enoch.search("noah")) == []


def consistent(store: Store) -> None:
    """The index has exactly the words of the texts it stands for; it raises otherwise."""
    store._db.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")


def test_the_check_of_the_index_can_fail(enoch: Store) -> None:
    enoch._db.execute("UPDATE runs SET question = 'something else'")
    with pytest.raises(sqlite3.DatabaseError):
        consistent(enoch)


TYPED = st.text() | st.text(string.printable) | st.text('"*:^(){}+-~ abANDORNEAR_\0é')


@settings(max_examples=150)
@given(TYPED, TYPED, TYPED)
@example('"', 'a"b', "NEAR(a b)")
@example("x\0y", "\ud800", "\x01a\x02")
@example("İstanbul ǅ ﬁn", "东京 都", "ก้ ")
def test_any_text_is_safe_and_finds_the_run_that_has_it(question: str, output: str, title: str) -> None:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "store.db"), Path(folder)) as store:
        put_whole(store, "r1", question.encode("utf-8", "replace").decode(), output=output)
        store.rename("r1", title)
        store.search(question + title)
        typed = f"{question} {output}".replace('"', " ")
        known = [word for word in typed.split() if any(map(str.isalnum, word))]
        hits = store.search(typed).hits
        assert [hit.run.run for hit in hits] == ["r1"] * bool(known)
        for mark in (mark for hit in hits for mark in hit.marks):
            assert 0 <= mark.start < mark.end <= len(hits[0].snippet)
        consistent(store)
        store.purge("r1")
        consistent(store)
