"""The checks of a bundle that are about runs and remote models; see `check_bundle`."""

from __future__ import annotations

import json
from html import escape

import msgspec

from bundle_copy import Bundle, expect
from loopback_server import MODEL, USAGE, serving
from record_sample import QUESTION
from rlm_desktop.models.prices import LARGEST_WINDOW, look_up


def sample(bundle: Bundle) -> str:
    """The sample is replayed and becomes each kind of report; its log goes into the history and is found there."""
    log, page, notes = (bundle.home / f"sample.{suffix}" for suffix in ("jsonl", "html", "md"))
    for path in (log, page, notes):
        expect("what export names", bundle.text("export", "sample", "-o", str(path)).strip(), str(path))
    bundle.text("import", str(log))
    found = bundle.json("runs", "--search", QUESTION.rstrip("?"))["runs"]
    expect("what the search finds", [run["question"] for run in found], [QUESTION])
    answer = bundle.json("show", found[0]["run"])["answer"]
    expect("whether the sample has an answer", bool(answer), True)
    expect("whether replay shows it", answer in bundle.text("replay", "sample", "--speed", "0"), True)
    expect("whether the html report does", escape(answer) in page.read_text("utf-8"), True)
    expect("whether the md report does", answer in notes.read_text("utf-8"), True)
    return "the sample: replay, reports in html, md and jsonl, import and search"


def follow_up(bundle: Bundle) -> str:
    """A second question finds the variables of the first."""
    script = bundle.home / "follow.json"
    first = "```repl\nlines = grep('begat')\nFINAL('Enoch')\n```"
    second = "```repl\nFINAL(f'{len(lines)} line')\n```"
    script.write_text(json.dumps({"root": {"How many": second, "Who": first}}))
    asked = ("ask", bundle.book, "-q", "Who?", "-q", "How many?", "--strategy", "rlm")
    reply = bundle.json(*asked, "--model", f"script:{script}")
    answers = [run["answer"] for run in (*reply["earlier"], reply)]
    expect("the answers of a session", answers, ["Enoch", "1 line"])
    return "a follow-up question, with the variables of the one before"


def remote_model(bundle: Bundle) -> str:
    """A server on this computer answers without the network switch; the price list came along."""
    stated = {"found": True, "quote": "Enoch begat Methuselah.", "answer": "Enoch"}
    with serving(json.dumps(stated)) as address:
        asked = ("ask", bundle.book, "-q", "Who?", "--strategy", "direct")
        reply = bundle.json(*asked, "--model", f"{address}#{MODEL}")
    expect("the error of a run on a server", reply["error"], None)
    expect("the server's answer", reply["answer"], "Enoch")
    expect("its quote", [(c["start_line"], c["verified"]) for c in reply["citations"]], [(2, True)])
    expect("its usage", {name: reply["usage"][name] for name in USAGE}, USAGE)
    here = look_up("https://api.openai.com/v1", "gpt-4o-mini", LARGEST_WINDOW).price
    price = bundle.json("models", "info", "openai:gpt-4o-mini")["price"]
    expect("the price of a model", price, msgspec.to_builtins(here))
    return f"a model on a server of this computer; {here} for gpt-4o-mini"
