"""What a run came to: its outcome, what it spent by model, which limits it had and how near it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rlm_desktop.errors import UserError
from rlm_desktop.events import LimitName, Note, Recording, RunFinished, RunStarted, RunState, Usage, fold
from rlm_desktop.reports import words


@dataclass(frozen=True)
class Allowance:
    """One limit of a run.

    Attributes:
        which: Its name.
        limit: How much was allowed; ``None`` means no limit.
        used: How much was used.
        reached: Whether it ended the exploration.
    """

    which: LimitName
    limit: float | None
    used: float
    reached: bool


@dataclass(frozen=True)
class Part:
    """A model, and what it was there for.

    Attributes:
        role: ``Model``, or ``Model of sub-calls`` if that was another one.
        name: Its name.
        host: Where it ran; empty is this computer.
        sha256: Hash of its file, if it was one.
    """

    role: str
    name: str
    host: str
    sha256: str


@dataclass(frozen=True)
class Account:
    """A run, told after the fact or as far as it has come.

    Attributes:
        state: The folded run.
        start: How it began.
        finish: How it ended; one that says nothing while it runs.
        seconds: Wall-clock seconds, to the last event if it still runs.
        usage: What each model spent, by name, the root's first.
        notes: Remarks on the run as a whole.
    """

    state: RunState
    start: RunStarted
    finish: RunFinished
    seconds: float
    usage: dict[str, Usage]
    notes: tuple[str, ...]

    @property
    def look(self) -> words.Look:
        """The outcome in shape and word."""
        return words.RUN[self.state.status]

    @property
    def total(self) -> Usage:
        """What the whole run spent."""
        return self.state.rows[0].total

    @property
    def unsupported(self) -> bool:
        """Whether there is an answer that no verified quote supports."""
        answers = self.state.status in {"answered", "limit", "failed"} and bool(self.finish.answer)
        return answers and not any(citation.verified for citation in self.finish.evidence)

    @property
    def turns(self) -> int:
        """Turns of the root."""
        return sum(row.kind == "turn" for row in self.state.children(0))

    @property
    def sandbox(self) -> str:
        """How far its cells were confined, in words."""
        cells = any(row.kind == "cell" for row in self.state.rows.values())
        return words.SANDBOX[self.start.sandbox] if cells else f"no code was run (level {self.start.sandbox})"

    @property
    def models(self) -> list[Part]:
        """The models, each once."""
        names = {"root": "Model", "sub": "Model of sub-calls"}
        found: dict[tuple[str, str, str], Part] = {}
        for model in sorted(self.start.models, key=lambda model: model.role):
            key = (model.name, model.host, model.sha256)
            found.setdefault(key, Part(names[model.role], *key))
        return list(found.values())

    @property
    def allowances(self) -> Sequence[Allowance]:
        """Every limit, set or not."""
        limits, spent = self.start.limits, self.total
        hit = self.state.limit.which if self.state.limit else ""
        refused = "warning"  # what a limit forbade was not used
        calls = sum(row.kind == "call" and row.status != refused for row in self.state.rows.values())
        used: dict[LimitName, tuple[float | None, float]] = {
            "turns": (limits.turns, self.turns),
            "subcalls": (limits.subcalls, calls),
            "tokens": (limits.tokens, spent.prompt_tokens + spent.completion_tokens),
            "seconds": (limits.seconds, round(self.seconds, 1)),
            "cost": (limits.cost_usd, spent.cost_usd),
        }
        return [Allowance(which, *pair, which == hit) for which, pair in used.items()]


def account(recording: Recording) -> Account:
    """What a recording came to.

    Raises:
        UserError: It has not begun.
        StoreError: Its events are not those of one run.
    """
    state = fold(recording.events)
    if state.start is None:
        raise UserError("The run has not begun.", "Wait for its first step.")
    usage: dict[str, Usage] = {model.name: Usage() for model in state.start.models}
    for row in state.rows.values():
        if row.usage != Usage():
            usage[row.model] = usage.get(row.model, Usage()) + row.usage
    finish = state.finish or RunFinished(run=state.start.run, span=0, status="interrupted")
    seconds = finish.seconds or (recording.events[-1].time - state.start.time) / 1e6
    notes = tuple(event.text for event in recording.events if isinstance(event, Note) and not event.span)
    return Account(state, state.start, finish, seconds, usage, notes)
