from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.repl.api import RESERVED, Api, CallError
from rlm_desktop.repl.records import CallFailed, Document, Listed, Passage, Reading


class Recorder:
    def __init__(self, result: Any = None) -> None:
        self.result = result
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, api: str, args: dict[str, Any]) -> Any:
        self.calls.append((api, args))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def make(context: str | list[str] = "text", result: Any = None) -> tuple[Api, Recorder, dict[str, Any]]:
    texts = [context] if isinstance(context, str) else context
    documents = [Document(f"d{i}.txt", f"/d{i}.txt", len(text), i) for i, text in enumerate(texts)]
    call = Recorder(result)
    api = Api(context, documents, call, lambda *_: None)
    namespace: dict[str, Any] = {}
    api.install(namespace)
    return api, call, namespace


def test_every_reserved_name_is_bound() -> None:
    _api, _call, namespace = make()
    assert set(namespace) == RESERVED


def test_a_query_is_one_prompt() -> None:
    api, call, _ = make(result=[{"text": "reply"}])
    assert api.llm_query("prompt", model="m") == "reply"
    assert call.calls == [("llm_query", {"prompts": ["prompt"], "model": "m", "batched": False})]
    with pytest.raises(TypeError, match="llm_query_batched"):
        api.llm_query(["a", "b"])  # type: ignore[arg-type]


def test_a_batch_keeps_order_and_marks_failures() -> None:
    api, call, _ = make(result=[{"text": "one"}, {"error": "too long"}])
    one, two = api.llm_query_batched(["a", "b"])
    assert one == "one"
    assert isinstance(two, CallFailed)
    assert two == "[sub-call failed: too long]"
    assert two.error == "too long"
    assert api.llm_query_batched([]) == []
    assert len(call.calls) == 1


def test_a_refused_call_is_a_failed_text_for_each_prompt() -> None:
    api, _, _ = make(result=CallError("budget"))
    assert api.llm_query_batched(["a", "b"]) == ["[sub-call failed: budget]"] * 2
    assert api.rlm_query("a") == "[sub-call failed: budget]"
    assert [r.error for r in api.read("q", ["p"])] == ["budget"]
    with pytest.raises(CallError, match="budget"):
        api.find("q")


def test_child_rlms_get_their_contexts() -> None:
    api, call, _ = make(result=[{"text": "x"}, {"text": "y"}])
    api.rlm_query_batched(["a", "b"], [None, ["c", "d"]])
    assert call.calls[0][1]["contexts"] == [None, ["c", "d"]]
    with pytest.raises(ValueError, match="1 prompts and 2 contexts"):
        api.rlm_query_batched(["a"], [None, None])


def test_found_passages_are_texts_that_know_where_they_stand() -> None:
    found = {
        "document": 0,
        "name": "a.txt",
        "start": 3,
        "end": 6,
        "start_line": 2,
        "end_line": 4,
        "text": "abc",
    }
    api, call, _ = make(result=[{**found, "score": 0.5}])
    (passage,) = api.find("what", 3)
    assert call.calls == [("find", {"query": "what", "k": 3})]
    assert (passage.where, passage.start, passage.end, passage.document) == ("a.txt:2-4", 3, 6, 0)
    assert f"{passage}" == passage.text == "abc"
    assert passage[1:] == "bc"
    assert len(passage) == 3
    assert repr(passage) == "a.txt:2-4\nabc"
    assert repr(Listed([passage, passage])) == "a.txt:2-4\nabc\n\na.txt:2-4\nabc"


def test_reading_sends_passages_and_texts() -> None:
    reply = [
        {"found": True, "answer": "A", "quote": "q", "passage": {"name": "n", "start_line": 7, "end_line": 8}}
    ]
    api, call, _ = make(result=reply)
    (reading,) = api.read("q?", "made up")
    assert call.calls[0][1] == {"question": "q?", "passages": [{"text": "made up"}]}
    assert reading
    assert (reading.answer, reading.quote, reading.where, str(reading)) == ("A", "q", "n:7-8", "A")
    assert reading.passage == "made up"
    assert repr(reading) == 'n:7-8 says: A\n  "q"'
    silent = Reading(False, "", "", Passage("p", name="n", start_line=1, end_line=2))
    assert not silent
    assert repr(silent) == "n:1-2 does not say"


@given(st.text(st.sampled_from("ab\n"), max_size=200), st.integers(1, 40), st.data())
def test_chunks_cover_the_text(text: str, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    api, _, _ = make(text)
    pieces = api.chunks(size=size, overlap=overlap)
    assert all(piece == text[piece.start : piece.end] and len(piece) <= size for piece in pieces)
    assert all(piece.start_line == text.count("\n", 0, piece.start) + 1 for piece in pieces)
    covered = 0
    for piece in pieces:
        assert piece.start <= covered < piece.end
        assert covered - piece.start <= overlap
        covered = piece.end
    assert covered == len(text)


def test_chunks_of_many_documents_and_of_other_texts() -> None:
    api, _, _ = make(["abcdef", "xyz"])
    assert [(p.document, p.name, str(p)) for p in api.chunks(4)] == [
        (0, "d0.txt", "abcd"),
        (0, "d0.txt", "ef"),
        (1, "d1.txt", "xyz"),
    ]
    assert [(p.document, str(p)) for p in api.chunks("12345", 3)] == [(None, "123"), (None, "45")]
    assert api.chunks(4, 1)[1] == "def"
    with pytest.raises(ValueError, match="overlap"):
        api.chunks(size=4, overlap=4)


@pytest.mark.parametrize(
    ("given", "content", "ready"),
    [
        ("a text", "a text", False),
        ({"content": "c", "ready": True}, "c", True),
        ({"ready": 1}, "", 1),
        (7, 7, False),
    ],
)
def test_what_replaces_answer_is_taken_over(given: Any, content: Any, ready: Any) -> None:
    api, _, namespace = make()
    namespace["answer"] = given
    api.take_answer()
    assert api.answer == {"content": content, "ready": ready}
    api.install(namespace)
    assert namespace["answer"] is api.answer


def test_final_in_its_forms() -> None:
    api, _, namespace = make()
    namespace["result"] = "from a variable"
    api.FINAL_VAR("result")
    assert api.answer == {"content": "from a variable", "ready": True}
    api.FINAL("direct")
    assert api.answer["content"] == "direct"
    api.SUBMIT("submitted")
    assert api.answer["content"] == "submitted"
    api.FINAL_VAR("plain text, not a name")
    assert api.answer["content"] == "plain text, not a name"
    with pytest.raises(NameError, match="SHOW_VARS"):
        api.FINAL_VAR("missing")


def test_show_vars_lists_the_users_own() -> None:
    api, _, namespace = make()
    assert str(api.SHOW_VARS()) == "no variables yet"
    namespace.update(count=3, _hidden=1, json=__import__("json"))
    assert repr(api.SHOW_VARS()) == "count: int: 3"
