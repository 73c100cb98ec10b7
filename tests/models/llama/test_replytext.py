import itertools

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.llama.replytext import ReplyText


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
