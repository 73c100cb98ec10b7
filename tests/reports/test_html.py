"""The page as a browser would take it: what is in it, and that nothing else ever is."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings

from rlm_desktop.config import shared_file
from rlm_desktop.events import Citation, LimitReached, Recording, Source, Usage
from rlm_desktop.reports.html import html
from tests.reports.runs import HOSTILE, Making, conversation, recordings

ELEMENTS = set(
    "html head meta title style body main header section h1 h2 h3 h4 h5 h6 p span div details summary pre code ul ol "
    "li table thead tbody tfoot tr th td figure blockquote figcaption bdi a dl dt dd br em strong s hr".split()
)
ATTRIBUTES = {
    "lang",
    "charset",
    "content",
    "name",
    "http-equiv",
    "class",
    "id",
    "open",
    "dir",
    "scope",
    "href",
    "start",
}
ATTRIBUTES |= {"aria-hidden", "aria-label"}
VOID = {"meta", "br", "hr"}


class Page(HTMLParser):
    """Reads a page strictly: what opens closes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.style = ""
        self.oddities: list[str] = []
        self.feed(text)
        self.close()

    @property
    def said(self) -> str:
        return "".join(self.pieces)

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.pieces.append(data)

    def handle_comment(self, data) -> None:
        self.oddities.append(data)

    def unknown_decl(self, data) -> None:
        self.oddities.append(data)

    def handle_pi(self, data) -> None:
        self.oddities.append(data)


def page_of(recording: Recording) -> Page:
    text = "".join(html(recording))
    text.encode()
    page = Page(text)
    assert page.open == []
    assert page.oddities == []
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    ids = {f"#{attributes['id']}" for _, attributes in page.elements if "id" in attributes}
    for _, attributes in page.elements:
        assert set(attributes) <= ATTRIBUTES
        assert attributes.get("href", "#s1") in ids | {"#s1"}
    return page


def words_of(page: Page) -> str:
    """What the page says, with a space where one element ends and the next begins."""
    return " ".join(" ".join(page.pieces).split())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(recordings())
def test_no_text_leaves_its_place(recording: Recording) -> None:
    page_of(recording)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text_wherever_it_stands(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    making = Making(clean, sources=(Source(clean, 1, 1, clean),), program=clean, dialect=clean)
    turn = making.turn(1, ("system", text), label=clean, model=clean)
    cell = making.cell(turn, text)
    call = making.call(cell, ("user", text), label=clean, model=clean)
    thinking = making.keep(text)
    making.end_call(call, text, thinking=thinking, error=clean, usage=Usage(1, 1, calls=1), verdict=clean)
    making.end_cell(cell, text, error=clean)
    making.end_turn(turn, text, thinking=thinking, error=clean)
    evidence = (Citation(clean, 1, 2, clean, True), Citation(clean, 1, 2, clean, False))
    page = page_of(making.finish(clean, evidence=evidence, error=clean, hint=clean))
    assert not [tag for tag, _ in page.elements if tag in {"script", "img", "iframe", "base", "link"}]
    assert [tag for tag, _ in page.elements if tag == "style"] == ["style"]


def test_the_policy_allows_this_style_sheet_and_nothing_else() -> None:
    page = page_of(conversation())
    (policy,) = [a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in page.style
    assert "@import" not in page.style


@pytest.mark.parametrize(
    ("finish", "said"),
    [
        ({"status": "answered"}, ["✓ Answered", "No quote from the documents supports this answer."]),
        ({"status": "not_found"}, ["○ The document does not say"]),
        ({"status": "failed", "error": "It broke.", "hint": "Mend it."}, ["✕ Failed", "It broke. Mend it."]),
        ({"status": "cancelled"}, ["◼ Stopped"]),
        ({"status": "interrupted", "error": "Cut."}, ["✕ Cut short", "Cut."]),
    ],
)
def test_the_outcome_comes_first(finish: dict[str, str], said: list[str]) -> None:
    text = words_of(page_of(conversation("The fox.", **finish)))
    at = [text.index(part) for part in said]
    assert at == sorted(at)
    assert (
        at[0]
        < text.rindex("Who jumps?", 0, text.index("How"))
        < text.index("The fox.")
        < text.index("How it was found")
    )


def test_a_partial_answer_is_marked_with_its_limit() -> None:
    making = Making()
    making.write(LimitReached, 0, which="tokens", value=5000)
    text = words_of(page_of(making.finish("Perhaps.", status="limit")))
    assert "⚠ Partial answer" in text
    assert "The limit of 5,000 tokens was reached. This is the best answer" in text
    assert "Tokens 5,000 0 ⚠ reached" in text


def test_quotes_name_their_place_and_whether_they_stand_there() -> None:
    evidence = (Citation("docs/a.txt", 2, 3, "quick brown", True), Citation("", 0, 0, "slow", False))
    text = words_of(page_of(conversation(evidence=evidence)))
    assert "quick brown ✓ Word for word in docs/a.txt:2–3" in text
    assert "slow ✕ Not in the documents word for word" in text
    assert "supports this answer" not in text


def test_a_run_that_still_goes_is_shown_as_far_as_it_is() -> None:
    making = Making()
    making.cell(making.turn(1, ("user", "Look.")), "print(1)")
    text = words_of(page_of(making.recording()))
    assert "● Still running" in text
    assert "There is no answer yet" in text
    assert "Ended not yet" in text


def test_costs_stand_by_model_with_what_was_reused() -> None:
    making = Making()
    turn = making.turn(1, ("user", "Look."))
    call = making.call(turn, ("user", "Read."))
    making.end_call(call, "x", usage=Usage(2000, 20, 1500, calls=2, cost_usd=0.25))
    making.end_turn(turn, "y", usage=Usage(1000, 10, calls=1, estimated=True))
    text = words_of(page_of(making.finish("z")))
    assert "big 1 1,000 0 10 – small 2 2,000 1,500 20 $0.2500 Together 3 3,000 1,500 30 $0.2500" in text
    assert "Some token counts were estimated" in text
    assert f"big , on this computer SHA-256 {'ab' * 32}" in text
    assert "small , at api.example" in text
    assert f"docs/a.txt 84 B {'cd' * 32}" in text


def test_a_thought_stands_before_its_reply_and_its_tokens_are_told() -> None:
    making = Making()
    turn = making.turn(1, ("user", "Look."))
    call = making.call(turn, ("user", "Read."))
    making.end_call(call, "x", thinking=making.keep("Short."), usage=Usage(20, 9, 0, 7, 1))
    making.end_turn(turn, "I looked.", thinking=making.keep("Let me see."), usage=Usage(10, 1500, 0, 1200, 1))
    text = words_of(page_of(making.finish("z")))
    assert "Thinking 11 characters Let me see. Reply 9 characters I looked." in text
    assert "Thinking 6 characters Short. Reply x" in text
    assert "30 → 1,509 tokens · 1,207 spent thinking" in text


def test_a_conversation_is_not_told_again_every_turn() -> None:
    page = page_of(conversation(turns=50))
    assert page.said.count("Be brief. " * 40) == 1
    assert page.said.count("Output of turn 7: 7") == 1
    assert "99 messages as in Turn 49" in words_of(page)


def test_long_texts_lose_their_middle_and_say_so() -> None:
    making = Making()
    cell = making.cell(making.turn(1), "print(context)")
    making.end_cell(cell, "begin " + "x" * 500_000 + " end")
    page = page_of(making.finish("z"))
    assert len(page.said) < 20_000
    assert re.search(r"begin x+\s+… 488,010 characters left out …\s+x+ end", page.said)


def test_a_long_run_stays_a_file_a_browser_opens() -> None:
    making = Making()
    prompt = ("system", "Read the passage. " * 30)
    for number in range(1, 101):
        turn = making.turn(number, prompt, ("user", f"Turn {number}"))
        cell = making.cell(turn, "notes = read(question, passages)\n" * 10)
        batch = making.spans + 1
        for index in range(18):
            call = making.call(cell, prompt, ("user", f"passage {number}.{index} " * 200), batch=batch)
            making.end_call(call, "NONE " * 50, usage=Usage(1000, 5, calls=1))
        making.end_cell(cell, "a line of output\n" * 400)
        making.end_turn(turn, "Next.")
    assert making.spans == 2000
    assert 5_000_000 < len("".join(html(making.finish("z")))) < 12_000_000


def test_colours_can_be_read_in_both_schemes() -> None:
    style = shared_file("resources", "templates", "report.css").read_text(encoding="utf-8")
    schemes = [
        dict(re.findall(r"--(\w+): (#\w{6})", part))
        for part in re.findall(r":root \{.*?\}", style, re.DOTALL)
    ]
    assert len(schemes) == 2
    for colours in schemes:
        for name in ("text", "quiet", "good", "warn", "bad", "busy", "keyword", "string", "comment", "name"):
            for ground in ("ground", "panel"):
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""

    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_it_tells_how_much_of_the_documents_models_have_seen() -> None:
    making = Making()
    turn = making.turn(1)
    making.end_turn(turn, sent="0:0+84")
    said = words_of(page_of(making.finish("The fox.")))
    assert "Models have seen 84 characters of 1 of 1 document, about 100 % of their text." in said
