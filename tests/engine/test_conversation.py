"""The conversation fits the window, keeps its head and its newest turns, and loses nothing of its history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.engine.conversation import CHARACTERS_PER_TOKEN, Conversation

TURNS = st.lists(st.tuples(st.text("ab ", max_size=3000), st.text("cd ", max_size=3000)), max_size=12)


@given(TURNS, st.integers(100, 5000))
def test_what_is_sent_fits_and_alternates(turns: list[tuple[str, str]], tokens: int) -> None:
    conversation = Conversation("system", "first")
    for turn in turns:
        conversation.add(*turn)
    sent = conversation.fit(tokens)
    assert sum(len(message.content) for message in sent) <= max(tokens * CHARACTERS_PER_TOKEN, 11)
    assert [message.content for message in sent[:2]] == ["system", "first"]
    assert [message.role for message in sent[2:]] == ["assistant", "user"] * ((len(sent) - 2) // 2)
    assert conversation.turns == turns


def test_what_fits_is_sent_unchanged() -> None:
    conversation = Conversation("system", "first")
    conversation.add("reply", "output")
    assert [message.content for message in conversation.fit(1000)] == ["system", "first", "reply", "output"]


def test_the_oldest_turns_are_shortened_first() -> None:
    conversation = Conversation("system", "first")
    for name in ("old", "new"):
        conversation.add(f"{name} " * 400, "output")
    sent = conversation.fit(900)
    assert "shortened" in sent[2].content
    assert sent[4].content == "new " * 400
