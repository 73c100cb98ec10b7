"""What the scripted engine says of what was read, and a run with a second turn and an answer in Markdown."""

from __future__ import annotations

from typing import Any

from rlm_desktop import events as ev
from rlm_desktop.engine.compare import compare, turn_before
from rlm_desktop.events import Usage

RICH = """## Who begat whom

**Enoch** was the father of *Methuselah* [{name}:12], as "And Enoch walked with God, in the year 12" says.
It holds for 2*3*4 years, for `snake_case_name` and for another_snake_case, and for x**2 + y**2.

1. First the father:
   - Enoch
   - not Lamech, who came [{name}:700] later
2. Then the son.

| Name | Lived | What is told of him |
|---|--:|---|
| Enoch | 365 | walked with God, and he was not; for God took him |
| Methuselah | 969 | begat Lamech |

> And all the days of Enoch were three hundred sixty and five years.

```python
for line in find("father of Methuselah"):
    print(line)  # every place there is, also those that nobody reads to their end
```

More: [a page](https://example.org/enoch?q=1), ![a picture](https://example.org/picture.png), <script>alert(1)</script>
and [nothing](javascript:alert(1)).
"""


def play_richly(run: Any) -> None:
    """Another turn, whose prompt goes on from the first, and an answer of many kinds of blocks."""
    earlier = run.state.rows[1].prompt
    prompt = (*earlier, ev.MessageRef("assistant", run.keep("```repl\nprint(1)\n```")),
              ev.MessageRef("user", run.keep("And Enoch lived sixty and five years\n" * 6)))  # fmt: skip
    run.happen(ev.TurnStarted(run=run.id, span=6, parent=0, number=2, depth=0, label="Turn 2", model=run.model,
                              prompt=prompt))  # fmt: skip
    run.happen(ev.CallDelta(run=run.id, span=6, chunk="Now I know."), 0.4)
    run.happen(ev.TurnFinished(run=run.id, span=6, reply=run.keep("Now **I** know."), sent="0:0+36,64+50~",
                               usage=Usage(2408, 122, 1600, 20, 1, run.dollars(0.0062))), 2.0)  # fmt: skip
    path = run.files()[0]
    lines = path.read_text("utf-8").splitlines()
    run.end("answered", RICH.format(name=path.name), (
        ev.Citation(str(path), 12, 12, lines[11], True),
        ev.Citation(str(path), 20, 24, "\n".join(lines[19:24]), True),
        ev.Citation("", 0, 0, "walked with <b>God</b>", False)))  # fmt: skip


class FakeReading:
    """Carries out ``ranges``, ``coverage`` and ``compare``."""

    texts: dict[str, str]

    def find(self, run: str) -> Any:
        """The run with this id."""
        raise LookupError(run)

    def do_ranges(self, request: dict[str, Any]) -> dict[str, Any]:
        run = self.find(request["run"])
        row = run.state.rows[request["span"]]
        path = run.files()[0]
        text = path.read_text("utf-8") if path.exists() else ""
        places = [
            {"name": path.name, "path": str(path), "start": one.start, "end": one.end, "how": how, "ambiguous": one.ambiguous,
             "lines": [text.count("\n", 0, one.start) + 1, text.count("\n", 0, one.end - 1) + 1]}
            for how, ranges in (("printed", row.printed), ("sent", row.sent), ("searched", row.searched))
            for one in ev.decode_ranges(ranges)
        ]  # fmt: skip
        return {"places": places[request.get("from", 0) :][: request["count"]], "total": len(places)}

    def do_coverage(self, request: dict[str, Any]) -> dict[str, Any]:
        run = self.find(request["run"])
        sizes = [path.stat().st_size if path.exists() else 1000 for path in run.files()]
        rows = [
            {"name": path.name, "path": str(path), "read": min(size, run.state.seen.characters if not n else 0),
             "characters": size}
            for n, (path, size) in enumerate(zip(run.files(), sizes, strict=True))
        ]  # fmt: skip
        parts = {"none": [row for row in rows if not row["read"]],
                 "part": [row for row in rows if 0 < row["read"] < row["characters"]],
                 "whole": [row for row in rows if row["read"] == row["characters"]]}  # fmt: skip
        wanted = [
            row for row in parts.get(request.get("part", ""), rows) if request.get("text", "") in row["name"]
        ]
        return {
            "read": sum(row["read"] for row in rows), "characters": sum(sizes), "exact": True,
            **{part: len(some) for part, some in parts.items()},
            "rows": wanted[request.get("from", 0) :][: request["count"]], "total": len(wanted),
        }  # fmt: skip

    def do_compare(self, request: dict[str, Any]) -> dict[str, Any]:
        state = self.find(request["run"]).state
        row = state.rows[request["span"]]
        before = turn_before(state, row)
        lines = list(compare(before.prompt, row.prompt, self.texts.__getitem__)) if before else []
        return {"against": before.span if before else 0, "lines": lines[request["from"] :][: request["count"]],
                "total": len(lines)}  # fmt: skip
