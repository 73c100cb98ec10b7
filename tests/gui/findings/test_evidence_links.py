"""Quotes and places in an answer lead to the evidence they agree with, and to nothing else."""

from __future__ import annotations

from rlm_desktop.events import Citation
from rlm_desktop.gui.findings.evidence_links import EvidenceLinks
from rlm_desktop.gui.findings.prose import read_prose

EVIDENCE = (
    Citation(
        "/books/kjv.txt", 1412, 1414, "And Enoch lived sixty and five years, and begat Methuselah", True
    ),
    Citation("", 0, 0, "nobody ever said this", False),
)


def linked(text: str, evidence: tuple[Citation, ...] = EVIDENCE) -> list[tuple[str, str]]:
    links = EvidenceLinks(evidence)
    runs = [run for block in read_prose(text) for run in links.put_into(block).runs]
    assert "".join(run.text for run in runs if run.tone == "") == "".join(
        run.text for block in read_prose(text) for run in block.runs
    )
    return [(run.text, run.link) for run in runs if run.link or run.tone]


def test_a_place_leads_to_the_evidence_that_stands_there() -> None:
    assert linked("Enoch [kjv.txt:1412].") == [("[kjv.txt:1412]", "cite:0"), ("\u202f✓", "")]
    assert linked("books/kjv.txt:1400-1413 and `kjv.txt:1414`")[::2] == [
        ("books/kjv.txt:1400-1413", "cite:0"),
        ("kjv.txt:1414", "cite:0"),
    ]


def test_a_place_where_no_evidence_stands_is_text() -> None:
    assert linked("[kjv.txt:7] [other.txt:1412] at 14:12") == []
    assert linked("[kjv.txt:1412]", ()) == []


def test_a_quotation_leads_to_the_quote_it_is_part_of_whatever_its_signs_and_marks() -> None:
    assert linked("He said “Enoch **lived**  sixty” once.") == [
        ("Enoch ", "cite:0"),
        ("lived", "cite:0"),
        ("  sixty", "cite:0"),
        ("\u202f✓", ""),
    ]
    assert linked('"Nobody ever said this."') == [("Nobody ever said this.", "cite:1"), ("\u202f⚠", "")]


def test_more_than_was_verified_is_no_link() -> None:
    assert linked('"And Enoch lived sixty and five years, and begat Methuselah, who was wise"') == []
    assert linked('"years"') == []


def test_cells_of_tables_have_links_and_code_has_none() -> None:
    links = EvidenceLinks(EVIDENCE)
    table, code = read_prose("|a|\n|-|\n|kjv.txt:1412|\n\n```\nkjv.txt:1412\n```")
    assert links.put_into(table).rows[1][0][0].link == "cite:0"
    assert links.put_into(code) == code
