"""A small engine that speaks the protocol on its standard streams and plays out scripted runs.

What it plays depends on the question: ``hold`` stays mid-run until it is cancelled, ``nothing``, ``limit``
and ``fail`` end that way, ``richly`` has a long answer in Markdown, ``die`` ends the process, anything else is answered. A cell leaves a thread behind when the
question speaks of a ``thread``. A file ``sandbox`` in its folder names the level of the sandbox there is.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from rlm_desktop import events as ev
from rlm_desktop.engine.finding import find
from rlm_desktop.engine.timeline import columns
from rlm_desktop.events import Recording, RunState, Usage, text_hash
from rlm_desktop.replay import Player
from tests.gui.fake_care import FakeCare
from tests.gui.fake_models import FakeModels, read_models
from tests.gui.fake_reading import FakeReading, play_richly

MODELS = [
    {"name": "tiny", "title": "A tiny model", "size": 93_000_000, "licence": "Apache-2.0",
     "context_window": 8192, "memory": 300_000_000, "state": "ready", "note": "", "path": "/models/tiny.gguf",
     "outlook": {"verdict": "fits", "needed": 280_000_000, "free": 5_200_000_000, "total": 8_000_000_000,
                 "place": "the processor, 2 threads", "speed": ""}},
    {"name": "big", "title": "A big model", "size": 4_700_000_000, "licence": "Apache-2.0",
     "context_window": 32768, "memory": 6_000_000_000, "state": "absent", "note": "Slow without a GPU", "path": "/models/big.gguf",
     "outlook": {"verdict": "will not fit", "needed": 6_000_000_000, "free": 5_200_000_000, "total": 8_000_000_000}},
    {"name": "openai:gpt-mini", "title": "GPT mini of OpenAI", "size": 0, "licence": "", "memory": 0,
     "context_window": 400_000, "state": "ready", "note": "Its answers are good.",
     "price": {"prompt": 0.25, "completion": 2.0, "reused": None}},
]  # fmt: skip
CODE = 'hits = find("father of Methuselah", 6)\nfor hit in hits:\n    print(hit)  # where it stands\n'


class Run:
    """One scripted run, folded as the real engine folds it."""

    def __init__(self, engine: Engine, number: int, question: str, paths: list[str], model: str,
                 follows: str = "", title: str = "", pinned: bool = False) -> None:  # fmt: skip
        self.engine, self.id, self.question, self.paths = engine, f"run{number}", question, paths
        self.model, self.follows, self.title, self.pinned = model, follows, title, pinned
        self.session = engine.runs[follows].session if follows in engine.runs else self.id
        self.state, self.events = RunState(), []
        self.clock = int((time.time() - 20) * 1e6)
        self.calls = 64 if "batch" in question else 3

    def happen(self, event: Any, seconds: float = 0.5) -> None:
        self.clock += int(seconds * 1e6)
        event = msgspec.structs.replace(event, seq=self.state.seq + 1, time=self.clock)
        self.events.append(event)
        rows = self.state.apply(event)
        self.engine.say({"event": event, "rows": rows})

    def dollars(self, usd: float) -> float:
        return usd if ":" in self.model else 0.0

    def keep(self, text: str) -> str:
        self.engine.texts[text_hash(text)] = text
        return text_hash(text)

    def begin(self) -> None:
        run, root = self.id, ev.ModelRef("root", self.model)
        self.happen(ev.RunStarted(
            run=run, span=0, question=self.question, strategy="rlm", dialect="rlm-v1", prompt_version="1",
            models=(root,), limits=ev.Limits(), sources=(), sandbox=self.engine.sandbox, program="0.1.0",
            paths=tuple(self.paths)))  # fmt: skip
        if self.follows in self.engine.loaded:
            self.happen(ev.Note(run=run, span=0, text="The variables of the earlier questions are gone."))
        prompt = (ev.MessageRef("system", self.keep("You explore a document with code.")),
                  ev.MessageRef("user", self.keep(self.question)))  # fmt: skip
        self.happen(ev.TurnStarted(run=run, span=1, parent=0, number=1, depth=0, label="Turn 1",
                                   model=self.model, prompt=prompt))  # fmt: skip
        for piece in ("```repl\n", *CODE.splitlines(keepends=True), "```"):
            self.happen(ev.CallDelta(run=run, span=1, chunk=piece), 0.1)
        self.happen(ev.TurnFinished(run=run, span=1, reply=self.keep(f"```repl\n{CODE}```"),
                                    thinking=self.keep("Who was his father?"),
                                    usage=Usage(1204, 61, 800, 0, 1, self.dollars(0.0031))), 2.1)  # fmt: skip
        self.happen(ev.CellStarted(run=run, span=2, parent=1, code=self.keep(CODE),
                                   label='find("father of Methuselah")'))  # fmt: skip
        self.happen(ev.CellOutput(run=run, span=2, stream="stdout", chunk="And Enoch lived sixty\n"))
        self.happen(ev.CellProgress(run=run, span=2, progress=ev.Progress(340, 1000, "pages")))
        for number in range(self.calls):
            self.happen(ev.CallStarted(run=run, span=3 + number, parent=2, kind="read", batch=3, index=number,
                                       batch_size=self.calls, label=f"Reading passage {number + 1}", model=self.model,
                                       prompt=prompt), 0.1)  # fmt: skip
        self.happen(ev.CallFinished(run=run, span=3, status="ok", seconds=6.2, reply=self.keep("Enoch"),
                                    usage=Usage(350, 12, 0, 0, 1, self.dollars(0.0004))), 6.2)  # fmt: skip

    def files(self) -> list[Path]:
        """The documents it is about."""
        paths = map(Path, self.paths)
        return [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]

    def end(self, status: str, answer: str = "", evidence: tuple[ev.Citation, ...] = (), **rest: Any) -> None:
        run = self.id
        if "thread" in self.question:
            self.happen(ev.Note(run=run, span=2, text="A thread of this cell still runs: "
                                "the next cell has no way back if it fails."))  # fmt: skip
        if status == "answered":
            for span in range(4, 3 + self.calls):
                self.happen(ev.CallFinished(run=run, span=span, status="ok", seconds=6.2,
                                            reply=self.keep("no answer"), usage=Usage(350, 4, 0, 0, 1)))  # fmt: skip
            self.happen(ev.CellFinished(run=run, span=2, status="ok", seconds=9.1, printed="0:0+36",
                                        output=self.keep("And Enoch lived sixty and five years\n" * 40)))  # fmt: skip
        if status == "failed":
            self.happen(ev.Note(run=run, span=4, text="The model's worker was killed.", level="error"))
            self.happen(ev.CallFinished(run=run, span=4, status="error", seconds=1, error="The worker died."))
        if status == "limit":
            which, value = ("cost", 0.05) if "costly" in self.question else ("turns", 1)
            self.happen(ev.LimitReached(run=run, span=0, which=which, value=value))
        total = self.state.rows[0].total
        self.happen(ev.RunFinished(run=run, span=0, status=status, answer=answer, evidence=evidence,
                                   usage=total, seconds=18.4, turns=1, **rest))  # fmt: skip
        self.engine.running.pop(run, None)
        if self.engine.silent:
            return
        self.engine.save()
        self.engine.say({"notice": {"kind": "history"}})

    def play_sample(self) -> None:
        self.begin()
        quote = "The textwrap module provides some convenience functions"
        self.end("answered", "It prefers to break after white space.", (
            ev.Citation("/no/such/lib/textwrap.py", 1, 1, quote, True),))  # fmt: skip

    def play(self) -> None:
        question = self.question.casefold()
        self.begin()
        if "die" in question:
            os._exit(3)
        if "hold" in question:
            return
        if "nothing" in question:
            self.end("not_found", "6 passages were read; none speaks of it.")
        elif "richly" in question:
            play_richly(self)
        elif "limit" in question:
            self.end("limit", "Perhaps Enoch.", ())
        elif "fail" in question:
            self.end(
                "failed", error="The model tiny stopped working.", hint="Ask again or choose another model."
            )
        else:
            path = self.paths[0]
            if Path(path).is_dir():
                path = str(min(Path(path).iterdir()))
            line = Path(path).read_text("utf-8").splitlines()[11]
            self.end("answered", "Enoch was the father of Methuselah.", (
                ev.Citation(path, 12, 12, line, True),
                ev.Citation(path, 3, 4, "And Enoch walked with <God>", False)))  # fmt: skip

    @property
    def player(self) -> Player:
        return Player(Recording(self.events, self.engine.texts.__getitem__))

    def summary(self, state: RunState | None = None) -> dict[str, Any]:
        state = state or self.state
        finish = state.finish
        return {
            "run": self.id, "question": self.question, "status": state.status,
            "started": "2025-10-09T08:53:20+00:00", "seconds": finish.seconds if finish else 0.0,
            "strategy": "rlm", "model": self.model, "sub_model": self.model,
            "cost_usd": state.rows[0].total.cost_usd,
            "paths": self.paths, "answer": finish.answer if finish else "",
            "error": finish.error if finish else "", "hint": finish.hint if finish else "",
            "evidence": finish.evidence if finish else (), "usage": state.rows[0].total,
            "limit": state.limit.which if state.limit else None,
            "title": self.title, "pinned": self.pinned, "session": self.session, "parent_run": self.follows,
            "sandbox": self.state.start.sandbox,
        }  # fmt: skip


class Engine(FakeModels, FakeReading, FakeCare):
    """Reads commands, answers them."""

    def __init__(self, home: Path) -> None:
        self.home, self.texts, self.runs = home, {}, {}
        self.running: dict[str, Run] = {}
        self.trash: dict[str, Run] = {}
        self.online = False
        self.keys: dict[str, str] = {}
        self.models = read_models(home) or [dict(model) for model in MODELS]
        self.loaded: set[str] = set()
        self.silent = True
        level = home / "sandbox"
        self.sandbox = level.read_text() if level.exists() else "full"
        self.sample = Run(self, 0, "How does textwrap break lines?", ["/no/such/lib"], "tiny")
        self.sample.id = "sample"
        self.sample.play_sample()
        self.load()

    def load(self) -> None:
        file = self.home / "fake.json"
        for number, asked in enumerate(json.loads(file.read_text()) if file.exists() else (), 1):
            run = Run(self, number, *asked)
            self.silent, self.runs[run.id] = True, run
            run.play()
            self.loaded.add(run.id)
        self.silent = False

    def save(self) -> None:
        done = [
            [run.question, run.paths, run.model, run.follows, run.title, run.pinned]
            for run in self.runs.values()
        ]
        (self.home / "fake.json").write_text(json.dumps(done))

    def say(self, message: dict[str, Any]) -> None:
        if not self.silent:
            sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
            sys.stdout.buffer.flush()

    def serve(self) -> None:
        self.say({"hello": {"protocol": 1, "version": "0.1.0", "store": "x", "pid": os.getpid()}})
        for line in sys.stdin.buffer:
            request = json.loads(line)
            answer = getattr(self, f"do_{request['cmd']}")(request)
            if answer is None:  # it comes later
                continue
            kind = "error" if "message" in answer else "ok"
            self.say({"id": request["id"], kind: answer})
            if request["cmd"] == "ask" and "run" in answer:
                self.runs[answer["run"]].play()
            if request["cmd"] == "shutdown":
                return

    def do_settings(self, request: dict[str, Any]) -> dict[str, Any]:
        self.online = request["online"]
        return self.do_status(request)

    def do_status(self, _: dict[str, Any]) -> dict[str, Any]:
        why, fix = {
            "full": ("namespaces, Landlock and seccomp", ""),
            "partial": ("Landlock and seccomp, and no bwrap was found", "For level full install bubblewrap."),
            "none": ("the kernel has no Landlock", "Use Linux 5.13 or newer."),
        }[self.sandbox]
        return {"online": self.online, "sandbox": self.sandbox, "sandbox_why": why, "sandbox_fix": fix,
                "home": str(self.home), "default_model": "tiny"}  # fmt: skip

    def do_open(self, request: dict[str, Any]) -> dict[str, Any]:
        files: list[Path] = []
        for path in map(Path, request["paths"]):
            if not path.exists():
                return {"kind": "user", "message": f"{path} does not exist.", "hint": "Check the path."}
            files += sorted(path.iterdir()) if path.is_dir() else [path]
        more = len(request["paths"]) - 1
        sizes = [file.stat().st_size for file in files]
        documents = [
            {"index": n, "name": file.name, "path": str(file), "size": size, "encoding": "utf-8"}
            for n, (file, size) in enumerate(zip(files, sizes, strict=True))
        ]
        return {
            "title": Path(request["paths"][0]).name + (f" and {more} more" if more else ""), "kind": "list" if len(files) > 1 else "str",
            "paths": request["paths"], "files": len(files), "characters": sum(sizes), "lines": 1000,
            "tokens_estimate": sum(sizes) // 4, "documents": documents, "skipped": [], "skipped_count": 0,
        }  # fmt: skip

    def do_missing(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"paths": [path for path in request["paths"] if not Path(path).exists()]}

    def do_lines(self, request: dict[str, Any]) -> dict[str, Any]:
        if not Path(request["path"]).exists():
            name = Path(request["path"]).name
            return {"kind": "user", "message": f"{name} cannot be read.", "hint": ""}
        lines = Path(request["path"]).read_text("utf-8").splitlines()
        first = request["first"]
        part = lines[first - 1 : first - 1 + request["count"]]
        status = Path(request["path"]).stat()
        facts = {"total": len(lines), "size": status.st_size, "mtime": status.st_mtime_ns}
        return {"first": first, "lines": part, **facts}

    def do_ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if "refuse" in request["question"]:
            return {"kind": "user", "message": "The model is missing.", "hint": "Download it."}
        if self.sandbox == "none" and not request.get("unconfined") and request["strategy"] != "direct":
            return {"kind": "user", "message": "The model's code cannot be confined.", "hint": "Allow it."}
        number = len(self.runs) + len(self.trash) + 1
        follows = request.get("follows", "")
        run = Run(self, number, request["question"], request["paths"], request["model"], follows)
        self.runs[run.id] = self.running[run.id] = run
        return {"run": run.id}

    def do_estimate(self, request: dict[str, Any]) -> dict[str, Any]:
        """As of a model that was measured, a remote one, and any other, of which nothing is known."""
        if "refuse" in request["question"]:
            return {"kind": "user", "message": "The model is missing.", "hint": "Download it."}
        seconds, cost = {"tiny": ([31, 48], [0, 0]), "openai:gpt-mini": ([110, 130], [0.003, 0.0104])}.get(
            request["model"], (None, None)
        )
        limit = request["limits"]["seconds"]
        if seconds and limit:
            seconds = [min(limit, bound) for bound in seconds]
        why = "4 earlier runs with this model and way, over documents of like size, took 31 s to 48 s."
        spans = [bounds and {"low": bounds[0], "high": bounds[1]} for bounds in (seconds, cost)]
        return {"strategy": "rlm", "seconds": spans[0], "cost_usd": spans[1], "basis": "runs", "why": why}

    def do_questions(self, request: dict[str, Any]) -> dict[str, Any]:
        newest = (run.question for run in reversed(self.runs.values()) if run.state.rows)
        return {"questions": list(dict.fromkeys(newest))[: request["count"]]}

    def do_cancel(self, request: dict[str, Any]) -> dict[str, Any]:
        run = self.running.get(request["run"])
        if run and request.get("span"):
            run.happen(ev.CallFinished(run=run.id, span=request["span"], status="cancelled", seconds=1,
                                       error="The user stopped this call."))  # fmt: skip
        elif run:
            run.end("cancelled")
        return {}

    def do_retry(self, request: dict[str, Any]) -> dict[str, Any]:
        run = self.running[request["run"]]
        run.happen(ev.Note(run=run.id, span=request["span"], text="It was asked again."))
        return {}

    def do_asked(self, request: dict[str, Any]) -> dict[str, Any]:
        run = self.find(request["run"])
        return {"question": run.question, "paths": run.paths, "model": run.model, "sub_model": run.model,
                "strategy": "rlm", "limits": ev.Limits(turns=7), "follows": run.follows}  # fmt: skip

    def do_find_rows(self, request: dict[str, Any]) -> dict[str, Any]:
        run = self.find(request["run"])
        state = run.player.seek(request["at"]) if "at" in request else run.state
        query = request["query"].lower()
        hits = find(
            state,
            query,
            request["only"],
            lambda names: {name for name in names if query in self.texts[name].lower()},
        )
        page = hits[request["from"] : request["from"] + request["count"]]
        spans = dict.fromkeys(span for hit in page for span, _ in hit.path)
        return {"hits": page, "rows": [state.rows[span] for span in spans], "total": len(hits)}

    def find(self, run: str) -> Run:
        return self.sample if run == "sample" else self.runs[run]

    def do_state(self, request: dict[str, Any]) -> dict[str, Any]:
        run = self.find(request["run"])
        state = run.player.seek(request["at"]) if "at" in request else run.state
        rows = [state.rows[span] for span in state.below.get(request["span"], ())]
        page = rows[request["from"] : request["from"] + request["count"]]
        return {
            "run": run.summary(state),
            "row": state.rows[request["span"]],
            "rows": page,
            "total": len(rows),
        }

    def do_replay(self, request: dict[str, Any]) -> dict[str, Any]:
        run = self.find(request["run"])
        player = run.player
        at = request["at"] if "at" in request else player.at_moment(request["moment"])
        move = player.move(request["was"], max(1, at))
        anew = len(move.rows) + len(move.removed) > (3 if "in leaps" in run.question else 500)
        return {
            "run": run.summary(player.seek(move.at)), "at": move.at, "total": player.total,
            "moment": player.moment(move.at), "duration": player.duration, "time": player.event(move.at).time,
            "turns": player.turns, "rows": [] if anew else move.rows, "removed": [] if anew else move.removed,
            "anew": anew,
        }  # fmt: skip

    def do_timeline(self, request: dict[str, Any]) -> dict[str, Any]:
        run = self.find(request["run"])
        rows = list((run.player.seek(request["at"]) if "at" in request else run.state).rows.values())
        page = rows[request["from"] :][: request["count"]]
        zero = rows[0].started
        return {"first": request["from"], "total": len(rows), "zero": zero, **columns(page, zero)}

    def do_export(self, request: dict[str, Any]) -> dict[str, Any]:
        path = Path(request["path"])
        if not path.parent.is_dir():
            return {"kind": "user", "message": f"{path} cannot be written.", "hint": "Choose another folder."}
        path.write_text(f"{request['format']} of {self.find(request['run']).question}")
        return {"path": str(path)}

    def do_text(self, request: dict[str, Any]) -> dict[str, Any]:
        text = self.texts[request["hash"]]
        return {"text": text[request["from"] :][: request["count"]], "total": len(text)}

    def do_history(self, request: dict[str, Any]) -> dict[str, Any]:
        newest = [run for run in reversed(self.runs.values()) if run.state.rows]
        runs = [run.summary() for run in sorted(newest, key=lambda run: not run.pinned)]
        return {"runs": runs[request["from"] :][: request["count"]], "total": len(runs)}

    def do_search(self, request: dict[str, Any]) -> dict[str, Any]:
        hits = []
        for run in reversed(self.runs.values()):
            said = run.summary()
            texts = {"title": run.title, "question": run.question, "answer": said["answer"], "code": CODE}
            for where, text in texts.items():
                at = text.casefold().find(request["text"].casefold())
                if at >= 0:
                    marks = [[at, at + len(request["text"])]]
                    hits.append({"run": said, "where": where, "snippet": text, "marks": marks})
                    break
        return {"hits": hits[request["from"] :][: request["count"]], "total": len(hits)}

    def do_session(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["run"] not in self.runs:
            return {"kind": "user", "message": f"There is no run {request['run']}.", "hint": ""}
        session = self.runs[request["run"]].session
        return {"runs": [run.summary() for run in self.runs.values() if run.session == session]}

    def do_sources(self, request: dict[str, Any]) -> dict[str, Any]:
        run = self.find(request["run"])
        gone = [{"path": path, "state": "missing"} for path in run.paths if not Path(path).exists()]
        if not gone:
            return {"changed": [], "total": len(run.paths), "text": ""}
        text = f"{len(gone)} of {len(run.paths)} documents have changed since this run: {gone[0]['path']} is gone."
        return {"changed": gone, "total": len(run.paths), "text": text}

    def do_rename(self, request: dict[str, Any]) -> dict[str, Any]:
        self.runs[request["run"]].title = request["title"]
        return self.changed()

    def do_pin(self, request: dict[str, Any]) -> dict[str, Any]:
        self.runs[request["run"]].pinned = request["pinned"]
        return self.changed()

    def do_delete(self, request: dict[str, Any]) -> dict[str, Any]:
        self.trash[request["run"]] = self.runs.pop(request["run"])
        return self.changed()

    def do_restore(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["run"] not in self.trash:
            return {"kind": "user", "message": "The run is no longer in the trash.", "hint": ""}
        self.runs[request["run"]] = self.trash.pop(request["run"])
        self.runs = dict(sorted(self.runs.items(), key=lambda run: int(run[0].removeprefix("run"))))
        return self.changed()

    def changed(self) -> dict[str, Any]:
        self.save()
        self.say({"notice": {"kind": "history"}})
        return {}

    def do_key(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["key"] == "no-keyring":
            return {
                "kind": "user",
                "message": "This computer has no keyring.",
                "hint": "Set OPENAI_API_KEY instead.",
            }
        self.keys[request["name"]] = request["key"]
        (self.home / "keys.json").write_text(
            json.dumps(self.keys)
        )  # for the tests; the real engine never would
        return {}

    def do_shutdown(self, _: dict[str, Any]) -> dict[str, Any]:
        return {}


if __name__ == "__main__":
    Engine(Path(sys.argv[1])).serve()
