"""Runs as the engine tells of them to a timeline."""

from __future__ import annotations

from typing import NamedTuple

from rlm_desktop.gui.timeline.spans import KINDS, STATUSES
from rlm_desktop.gui.wire import TimelinePage

SECOND = 1_000_000
ZERO = 1_700_000_000 * SECOND


class Step(NamedTuple):
    """A row; times in seconds."""

    span: int
    parent: int
    kind: str
    label: str
    start: float
    end: float | None
    heard: float | None = None
    status: str = "done"
    prompt: int = 0
    completion: int = 0
    cost: float = 0.0


THREE_TURNS = (
    Step(0, 0, "run", "Who was it?", 0, 30),
    Step(1, 0, "turn", "Turn 1", 0, 2, 1, prompt=1_000, completion=50, cost=0.001),
    Step(2, 1, "cell", "find('father')", 2, 4),
    Step(3, 0, "turn", "Turn 2", 4, 6, 5, prompt=2_000, completion=60, cost=0.002),
    Step(4, 3, "cell", "ask them all", 6, 26),
    *(
        Step(
            5 + n,
            4,
            "call",
            f"Passage {n}",
            6,
            7.5 + n // 4,
            6.5 + n // 4,
            "failed" if n == 9 else "done",
            300,
            10,
        )
        for n in range(64)
    ),
    Step(70, 0, "turn", "Turn 3", 26, 30, 27, prompt=3_000, completion=70, cost=0.004),
)
"""With a batch of 64, four at a time."""
RUNNING = (
    Step(0, 0, "run", "Who was it?", 0, None, status="running"),
    Step(1, 0, "turn", "Turn 1", 0, 2, 1),
    Step(2, 1, "cell", "look", 2, None, status="running"),
    Step(3, 2, "call", "Passage", 3, None, status="running"),
)


def page(steps: tuple[Step, ...], first: int = 0, total: int | None = None) -> TimelinePage:
    """One page of a run."""
    micro = lambda time: None if time is None else round(time * SECOND)  # noqa: E731
    return TimelinePage(
        first=first,
        total=first + len(steps) if total is None else total,
        zero=ZERO,
        span=[step.span for step in steps],
        parent=[step.parent for step in steps],
        kind=[KINDS.index(step.kind) for step in steps],
        status=[STATUSES.index(step.status) for step in steps],
        start=[round(step.start * SECOND) for step in steps],
        heard=[micro(step.heard) for step in steps],
        end=[micro(step.end) for step in steps],
        batch=[5 if step.kind == "call" else 0 for step in steps],
        prompt=[step.prompt for step in steps],
        completion=[step.completion for step in steps],
        cost=[step.cost for step in steps],
        label=[step.label for step in steps],
    )


def long_run(rows: int, together: int = 64) -> tuple[Step, ...]:
    """A run of so many rows: turns with a cell that asks so many at once."""
    steps = [Step(0, 0, "run", "?", 0, None)]
    time = 0.0
    while len(steps) < rows:
        turn = len(steps)
        ends = time + 1 + together * 0.02
        steps.append(
            Step(turn, 0, "turn", f"Turn {turn}", time, time + 1, time + 0.3, prompt=900, completion=80)
        )
        steps.append(Step(turn + 1, turn, "cell", "ask", time + 1, ends))
        for n in range(min(together, rows - len(steps))):
            status = "failed" if n == 7 else "done"
            heard = time + 1 + max(0, n - 4) * 0.018
            steps.append(
                Step(
                    turn + 2 + n,
                    turn + 1,
                    "call",
                    "read",
                    time + 1,
                    heard + 0.02,
                    heard + 0.005,
                    status,
                    350,
                    10,
                )
            )
        time = ends
    steps[0] = steps[0]._replace(end=time)
    return tuple(steps)
