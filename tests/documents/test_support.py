"""The sentence an answer rests on is chosen, and says how much of the answer stands in the passage."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.documents.support import support

STORY = (
    "The king had three daughters. They lived by the sea.\n"
    "One day the eldest put on a dress of\ngreen silk and went to the market. It rained."
)
CODE = "HOST = 'localhost'\nSMTP_PORT = 25\nSMTP_SSL_PORT = 465\n"


def quote(text: str, question: str, answer: str) -> str:
    found = support(text, question, answer)
    assert found is not None
    return text[found.start : found.end]


def test_what_the_answer_adds_counts_more_than_what_the_question_said() -> None:
    chosen = quote(STORY, "What did the eldest daughter of the king wear?", "A dress of green silk.")
    assert chosen == "One day the eldest put on a dress of\ngreen silk and went to the market."


def test_a_line_of_code_is_a_segment_of_its_own() -> None:
    assert quote(CODE, "What is the default SMTP port?", "The default port is 25.") == "SMTP_PORT = 25"


def test_share_says_how_much_of_the_answer_is_in_the_passage() -> None:
    found = support(STORY, "What did the eldest wear?", "Green silk and a golden crown")
    assert found is not None
    assert found.share == 0.5


def test_numbers_in_words_support_digits_and_made_up_numbers_have_no_support() -> None:
    verse = "And all the days of Methuselah were nine hundred sixty and nine years: and he died."
    for answer, share in (("He was 969 years old.", 1.0), ("He was 187 years old.", 0.0)):
        found = support(verse, "How old was Methuselah?", answer)
        assert found is not None
        assert found.share == share


def test_nothing_shared_is_no_support() -> None:
    assert support(STORY, "Who flew the plane?", "Amelia Earhart") is None


@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=60))
def test_the_segment_is_a_piece_of_the_text(text: str, question: str, answer: str) -> None:
    found = support(text, question, answer)
    if found is not None:
        assert 0 <= found.start < found.end <= len(text)
        assert 0.0 <= found.share <= 1.0
        piece = text[found.start : found.end]
        assert piece == piece.strip()
