import itertools

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.llama.replytext import ReplyText
from rlm_desktop.models.thinking import THINK


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in itertools.pairwise(at)]


@given(st.text(), st.lists(st.text(min_size=1, max_size=4), max_size=3), st.lists(st.integers(0, 200)))
def test_the_reply_is_the_text_up_to_the_first_stop_however_it_arrives(
    text: str, stops: list[str], cuts: list[int]
) -> None:
    found = [text.find(stop) for stop in stops if stop in text]
    whole = text[: min(found)] if found else text
    reply = ReplyText(tuple(stops))
    streamed = "".join(reply.feed(piece) for piece in pieces(text.encode(), cuts)) + reply.finish()
    assert streamed == reply.text
    if len(stops) <= 1:
        assert reply.text == whole
        assert reply.stopped == bool(found)
    else:  # a stop text that ends first wins over one that began earlier and is still incomplete
        assert text.startswith(reply.text)
        assert reply.stopped == bool(found)
        assert not any(stop in reply.text for stop in stops)


def test_a_stop_text_may_be_spread_over_tokens_and_is_never_shown() -> None:
    reply = ReplyText(("</answer>",))
    assert [reply.feed(piece) for piece in (b"yes<", b"/ans", b"wer", b"> more")] == ["yes", "", "", ""]
    assert reply.stopped
    assert reply.finish() == ""
    assert reply.text == "yes"


def test_a_false_beginning_of_a_stop_text_is_shown_in_the_end() -> None:
    reply = ReplyText(("STOP",))
    assert reply.feed(b"ST") == ""
    assert reply.feed(b"ART") == "START"
    assert reply.feed(b"STO") == ""
    assert reply.finish() == "STO"


def test_a_character_cut_in_half_waits_for_its_other_half() -> None:
    reply = ReplyText()
    first, second = "é".encode()[:1], "é".encode()[1:]
    assert (reply.feed(first), reply.feed(second)) == ("", "é")
    assert reply.feed(first) == ""
    assert reply.finish() == "�"


@given(st.text(), st.text(), st.sampled_from(["", "\n\n"]), st.booleans(), st.lists(st.integers(0, 200)))
def test_thinking_is_no_part_of_the_reply_however_it_arrives(
    thought: str, answer: str, space: str, inside: bool, cuts: list[int]
) -> None:
    data = f"{'' if inside else '<think>'}{thought}</think>{space}{answer}".encode()
    reply = ReplyText(("STOP",), THINK, inside=inside)
    streamed = "".join(reply.feed(piece) for piece in pieces(data, cuts)) + reply.finish()
    if not any("think>" in text for text in (thought, answer)):
        assert streamed == reply.text == answer.lstrip().partition("STOP")[0]
        assert reply.thinking == thought.strip()


def test_a_stop_text_means_nothing_in_a_thought() -> None:
    reply = ReplyText(("STOP",), THINK)
    assert "".join(map(reply.feed, (b"<think>", b"STOP", b"</think>", b"yes", b" STOP", b"no"))) == "yes "
    assert reply.stopped
    assert reply.thinking == "STOP"
    assert reply.reasoning_tokens == 3


def test_tokens_of_thinking_are_counted_up_to_its_closing_mark() -> None:
    reply = ReplyText((), THINK, inside=True)
    for piece in (b"so", b" be", b"</", b"think>", b"\n\n", b"yes"):
        reply.feed(piece)
    assert reply.reasoning_tokens == 4
    assert reply.text == "yes"


def test_a_reply_that_ends_within_its_thought_is_empty() -> None:
    reply = ReplyText((), THINK)
    assert "".join(map(reply.feed, (b"<think>", b"so", b" <"))) + reply.finish() == ""
    assert (reply.text, reply.thinking, reply.reasoning_tokens) == ("", "so <", 3)


def test_without_marks_nothing_is_a_thought() -> None:
    reply = ReplyText()
    assert reply.feed(b"<think>x</think>y") + reply.finish() == "<think>x</think>y"
    assert reply.reasoning_tokens == 0
