from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.documents.terms import Term, places, terms_of


def texts(query: str) -> list[str]:
    return [term.text for term in terms_of(query)]


def found(term: Term, text: str) -> list[str]:
    """The places of a term, each shown as the text from there on."""
    data = text.encode()
    hits = places(term, data.lower(), memoryview(data))
    return [data[start:].decode() for start in hits.starts]


def test_a_question_is_reduced_to_what_it_asks_for() -> None:
    assert texts("Who was the father of Methuselah?") == ["father", "methuselah"]
    assert texts("How long did Noah's flood rain last?") == ["noah", "flood", "rain", "last"]


def test_a_question_of_stop_words_keeps_them() -> None:
    assert texts("who is it") == ["who", "is", "it"]
    assert texts("?!") == []


def test_phrases_and_identifiers_stay_whole_and_count_in_parts() -> None:
    assert texts('"pillar of salt"')[0] == "pillar of salt"
    assert texts("parseHTTPDate get_file_name") == [
        "parsehttpdate",
        "parse",
        "http",
        "date",
        "get_file_name",
        "get",
        "file",
        "name",
    ]
    assert texts("RFC 2822") == ["rfc", "2822"]


def test_a_stem_finds_its_inflections_at_word_edges_and_camel_humps_only() -> None:
    (query,) = terms_of("queries")
    assert [text.split()[0] for text in found(query, "query Query subquery queried runQuery query_x q")] == [
        "query",
        "Query",
        "queried",
        "Query",
        "query_x",
    ]
    (port,) = terms_of("port")
    assert [text.split()[0] for text in found(port, "ports import smtp_port support — “port”")] == [
        "ports",
        "port",
        "port”",
    ]


def test_letters_beyond_ascii_are_found_in_either_case() -> None:
    (term,) = terms_of("Émile")
    assert len(found(term, "émile Émile ÉMILE xémile")) >= 2
    assert found(Term("猫で", bounded=False), "吾輩は猫である") == ["猫である"]


@given(st.text(max_size=60))
def test_any_query_has_terms_that_can_be_looked_for(query: str) -> None:
    data = query.encode("utf-8", "replace")
    for term in terms_of(query):
        hits = places(term, data.lower(), memoryview(data))
        assert len(hits.starts) == len(hits.values)
