import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.thinking import FAMILIES, THINK, Marks, Thoughts, marks_of, split

HARMONY, GRANITE = FAMILIES[:2]


def cut(text: str, places: list[int]) -> list[str]:
    at = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in itertools.pairwise(at)]


def fed(thoughts: Thoughts, pieces: list[str]) -> str:
    return "".join(map(thoughts.feed, pieces)) + thoughts.finish()


@given(
    st.sampled_from(FAMILIES),
    st.text(),
    st.sampled_from(["A fox.", "<thin", "", "<|", "x </think> y", "[", "{}", "a\n\n"]),
    st.booleans(),
    st.lists(st.integers(0, 1000)),
)
def test_a_thought_is_split_off_however_the_reply_is_cut(
    marks: Marks, thought: str, reply: str, inside: bool, places: list[int]
) -> None:
    written = f"{'' if inside else marks.opens}{thought}{marks.between}{marks.closes}\n\n{reply}"
    thoughts = Thoughts(marks, inside)
    assert fed(thoughts, cut(written, places)) == reply
    assert thoughts.text == thought.strip()
    assert not thoughts.inside


@given(st.sampled_from(FAMILIES), st.text(), st.lists(st.integers(0, 1000)))
def test_a_reply_without_a_thought_is_left_as_it_is(marks: Marks, reply: str, places: list[int]) -> None:
    thoughts = Thoughts(marks)
    if not reply.lstrip().startswith((marks.opens, marks.closes)):
        assert fed(thoughts, cut(reply, places)) == reply
        assert thoughts.text == ""


@given(st.sampled_from(FAMILIES), st.text(min_size=1), st.integers(0, 30), st.lists(st.integers(0, 1000)))
def test_a_thought_that_does_not_end_is_no_reply(
    marks: Marks, thought: str, size: int, places: list[int]
) -> None:
    begun = marks.closes[: min(size, len(marks.closes) - 1)]
    thoughts = Thoughts(marks)
    assert fed(thoughts, cut(marks.opens + thought + begun, places)) == ""
    assert thoughts.inside
    assert thoughts.text.startswith(thought.strip())


def test_several_thoughts_before_one_reply() -> None:
    thoughts = Thoughts()
    assert fed(thoughts, ["<think>one</think>\n<think>two</think>\nyes"]) == "yes"
    assert thoughts.text == "one\n\ntwo"


def test_channels() -> None:
    thoughts = Thoughts(HARMONY)
    written = (
        "<|channel|>analysis<|message|>one<|end|><|start|>assistant"
        "<|channel|>analysis<|message|>two<|end|><|start|>assistant"
        "<|channel|>final<|message|>yes"
    )
    assert fed(thoughts, list(written)) == "yes"
    assert thoughts.text == "one\n\ntwo"
    assert fed(Thoughts(HARMONY), ["<|channel|>final<|message|>yes"]) == "yes"


@pytest.mark.parametrize(
    ("marks", "prompt", "added"),
    [
        (THINK, "assistant\n", "<think>\n\n</think>\n\n"),
        (THINK, "assistant\n<think>\n", "\n</think>\n\n"),
        (THINK, "assistant\n<think>", "\n\n</think>\n\n"),
        (THINK, "assistant\n<think>Well,", "\n\n</think>\n\n"),
        (THINK, "assistant\n<think></think>", ""),
        (THINK, "assistant</think>", ""),
        (HARMONY, "<|start|>assistant", "<|channel|>final<|message|>"),
        (GRANITE, "assistant", ""),
    ],
)
def test_what_keeps_a_model_from_thinking(marks: Marks, prompt: str, added: str) -> None:
    assert marks.to_skip(prompt) == added
    assert not marks.left_open(prompt + added)


@given(st.sampled_from(FAMILIES))
def test_a_family_is_told_by_its_template(marks: Marks) -> None:
    assert marks_of(f"{{{{ '{marks.told_by or marks.opens}' }}}}") == marks
    assert marks_of("{{ messages[0].content }}") is None


def test_thinking_that_began_in_the_prompt() -> None:
    assert split("hm</think>\nA fox.") == ("hm", "A fox.")
    told = "The mark <think> ends with </think> there."
    assert split(told) == ("", told)
    assert split("A fox.") == ("", "A fox.")
