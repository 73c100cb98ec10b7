"""What a question will take, before it is asked: from the runs that were like it, else by arithmetic.

Runs with the same models and strategy over documents of like size are the best guide. Where there are none, the
tokens that a strategy usually needs are multiplied with the measured speed of a local model, or the price of a remote
one. Where neither is known there is no figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Literal

import msgspec

from rlm_desktop.engine.strategies import direct
from rlm_desktop.engine.strategies.guided import MORE_ROUNDS, PASSAGES, ROUNDS
from rlm_desktop.events import Limits, Usage
from rlm_desktop.models.prospect import Prospect
from rlm_desktop.store import Precedent

LIKE = 8.0
"""How many times larger or smaller documents may be for a run over them to count."""
ASKED_FOR = 30
"""Newest runs that are looked at."""
COVERED = 1.0
"""Standard deviations to both sides, which cover two thirds of a normal distribution."""
SPREAD, SPREAD_WEIGHT = 0.7, 2.0
"""What the logarithm of the seconds is taken to scatter by before any run is known, a factor of two, and how many runs
that counts as. Of 80 recorded runs of a 1.5B model, each judged by the others of its history, 65 % ended in the range."""
LEAST_SECONDS = 0.1

Basis = Literal["same", "runs", "speed", "price", ""]


class Span(msgspec.Struct, frozen=True):
    """From the least to the most that is to be expected."""

    low: float
    high: float

    def capped(self, limit: float | None) -> Span:
        """Not over a limit."""
        return self if limit is None else Span(min(self.low, limit), min(self.high, limit))


class Estimate(msgspec.Struct, frozen=True):
    """What a question will take.

    Attributes:
        strategy: The one it will be answered with.
        seconds: ``None`` when nobody can tell.
        cost_usd: ``None`` when nobody can tell; two zeros are free.
        basis: What it rests on: runs with the ``same`` question, other ``runs``, the measured ``speed``, the ``price``,
            or nothing.
        why: The same in one or two sentences.
    """

    strategy: str
    seconds: Span | None
    cost_usd: Span | None
    basis: Basis
    why: str


class Ground(msgspec.Struct, frozen=True):
    """What is asked, of what: the paths, their bytes, and about how many tokens they have."""

    question: str
    paths: tuple[str, ...]
    size: int
    tokens: int


class Work(msgspec.Struct, frozen=True):
    """Tokens a strategy makes the root and the sub-calls read and write; ``fresh`` are those not read before."""

    prompt: int = 0
    fresh: int = 0
    reply: int = 0
    sub_prompt: int = 0
    sub_fresh: int = 0
    sub_reply: int = 0


def strategy_for(asked: str, root: Prospect, ground: Ground) -> str:
    """What ``auto`` will choose, as far as the estimated tokens tell."""
    if asked != "auto":
        return asked
    return "direct" if ground.tokens <= root.window - direct.REPLY_TOKENS - 200 else root.strategy


def estimate(
    ground: Ground,
    strategy: str,
    models: tuple[Prospect, Prospect],
    limits: Limits,
    precedents: Sequence[Precedent],
) -> Estimate:
    """What a question will take.

    Args:
        ground: What is asked, of what.
        strategy: The one it will be answered with, not ``auto``.
        models: The root and the one of sub-calls.
        limits: What the run may spend.
        precedents: Runs with these models and this strategy, the newest first.
    """
    root, sub = models
    least, most = work(strategy, ground.tokens, root.window, limits)
    like = [past for past in precedents if _like(past, ground) and (not past.limit or past.limits == limits)]
    same = [past for past in like if (past.question, past.paths) == (ground.question, ground.paths)]
    seconds: Span | None
    cost: Span | None
    basis: Basis
    if chosen := same or like:
        prompt = least.prompt if strategy == "direct" and not same else 0
        shares = [_allowed(past, limits) * _longer(past, prompt) for past in chosen]
        seconds = expected(past.seconds * share for past, share in zip(chosen, shares, strict=True))
        paid = [past.usage.cost_usd * share for past, share in zip(chosen, shares, strict=True)]
        cost = expected(paid) if any(paid) else _free(models)
        basis = "same" if same else "runs"
        why = _of_runs(chosen, repeated=bool(same))
    else:
        seconds = _timed((least, most), root, sub)
        cost = _priced((least, most), root, sub)
        basis = "speed" if seconds else "price" if cost and cost.high else ""
        why = _of_arithmetic(strategy, root, basis)
    return Estimate(
        strategy,
        seconds.capped(limits.seconds) if seconds else None,
        cost.capped(limits.cost_usd) if cost else None,
        basis,
        why,
    )


# -- from runs ---------------------------------------------------------------------------------------------


def expected(values: Iterable[float]) -> Span:
    """Where the next of these values will be, two times of three.

    Durations scatter by factors, so their logarithms are taken as normal. With few of them the spread is uncertain,
    and `SPREAD` counts as well; the root is that of a prediction interval, as the mean is uncertain too.
    """
    logs = [math.log(max(value, 1e-6)) for value in values]
    middle = fmean(logs)
    scatter = SPREAD_WEIGHT * SPREAD**2 + sum((value - middle) ** 2 for value in logs)
    half = COVERED * math.sqrt(scatter / (SPREAD_WEIGHT + len(logs) - 1) * (1 + 1 / len(logs)))
    return Span(math.exp(middle - half), math.exp(middle + half))


def _like(past: Precedent, ground: Ground) -> bool:
    return 1 / LIKE <= (past.size + 1) / (ground.size + 1) <= LIKE


def _longer(past: Precedent, prompt: int) -> float:
    """How many times as long the one prompt that reads the documents is now; 1 if there is no such prompt (0 tokens)."""
    return prompt / past.usage.prompt_tokens if prompt and past.usage.prompt_tokens else 1.0


def _allowed(past: Precedent, limits: Limits) -> float:
    """What part of a past run the limits of the next would have allowed."""
    tokens = past.usage.prompt_tokens + past.usage.completion_tokens
    shares = (
        limits.tokens / tokens if limits.tokens and tokens else 1.0,
        limits.turns / past.turns if limits.turns and past.turns else 1.0,
    )
    return min(1.0, *shares)


# -- by arithmetic -----------------------------------------------------------------------------------------


def work(strategy: str, tokens: int, window: int, limits: Limits) -> tuple[Work, Work]:
    """The least and the most a strategy is to be expected to need, unless it has much bad luck.

    Args:
        strategy: Which.
        tokens: Of the documents.
        window: Tokens of the root's window.
        limits: What the run may spend.
    """
    if strategy == "direct":
        prompt = min(tokens + 250, max(250, window - direct.REPLY_TOKENS))
        return Work(prompt, prompt, 30), Work(prompt, prompt, direct.REPLY_TOKENS)
    if strategy == "guided":
        return _guided(rounds=1), _guided(rounds=ROUNDS + MORE_ROUNDS)
    turns = limits.turns or 10
    calls = 20 if limits.subcalls is None else limits.subcalls
    return _rlm(min(2, turns), 0, grown=500, reply=60), _rlm(
        min(10, turns), min(20, calls), grown=1000, reply=250
    )


def _guided(rounds: int) -> Work:
    """Recorded runs read 3,100 tokens for each six passages, 1,900 of them for the first time, and wrote 40."""
    passages = rounds * PASSAGES
    return Work(sub_prompt=520 * passages, sub_fresh=320 * passages, sub_reply=7 * passages)


def _rlm(turns: int, calls: int, *, grown: int, reply: int) -> Work:
    """A system prompt of 900 tokens; each turn adds a reply and what its code printed; a sub-call reads some pages."""
    return Work(
        prompt=900 * turns + grown * turns * (turns - 1) // 2,
        fresh=900 + grown * (turns - 1),
        reply=reply * turns,
        sub_prompt=2500 * calls,
        sub_fresh=2500 * calls,
        sub_reply=100 * calls,
    )


def _timed(works: tuple[Work, Work], root: Prospect, sub: Prospect) -> Span | None:
    """Seconds at the measured speeds; sub-calls write together, the root alone."""
    leads, reads = root.speeds, sub.speeds
    if leads is None or reads is None:
        return None
    low, high = (
        done.fresh / leads.prompt
        + done.reply / leads.alone
        + done.sub_fresh / reads.prompt
        + done.sub_reply / reads.together
        for done in works
    )
    return Span(max(low, LEAST_SECONDS), max(high, LEAST_SECONDS))


def _priced(works: tuple[Work, Work], root: Prospect, sub: Prospect) -> Span | None:
    """Dollars at the prices known; that a provider charges less for what it kept is not counted on."""
    leads, reads = root.price, sub.price
    if leads is None or reads is None:
        return None
    low, high = (
        leads.cost(Usage(done.prompt, done.reply)) + reads.cost(Usage(done.sub_prompt, done.sub_reply))
        for done in works
    )
    return Span(low, high)


def _free(models: tuple[Prospect, Prospect]) -> Span | None:
    """What runs that cost nothing tell: nothing is paid, or nobody knew the price."""
    return None if any(model.price is None for model in models) else Span(0.0, 0.0)


# -- in words ----------------------------------------------------------------------------------------------


def _of_runs(runs: Sequence[Precedent], *, repeated: bool) -> str:
    seconds = sorted(past.seconds for past in runs)
    took = f"{_about(seconds[0])} to {_about(seconds[-1])}" if len(runs) > 1 else _about(seconds[0])
    if repeated:
        times = "once" if len(runs) == 1 else f"{len(runs)} times"
        return f"This question was asked {times} before, in the same way: it took {took}."
    past = "One earlier run" if len(runs) == 1 else f"{len(runs)} earlier runs"
    return (
        f"{past} with this model and way, over documents of like size, took {took}. "
        "Two of three questions end within the range shown."
    )


_NEEDS = {
    "direct": "one call that reads the whole document",
    "guided": f"reading {PASSAGES} to {PASSAGES * (ROUNDS + MORE_ROUNDS)} passages",
    "rlm": "2 to 10 turns and up to 20 sub-calls",
}


def _of_arithmetic(strategy: str, root: Prospect, basis: Basis) -> str:
    none = "There is no earlier run with this model and way over documents of like size."
    needs = _NEEDS.get(strategy, "what such a run needs")
    if basis == "speed" and root.speeds:
        speed = f"reads {root.speeds.prompt:.0f} and writes {root.speeds.alone:.0f} tokens a second"
        return f"{none} Reckoned for {needs}, at the speed measured here: it {speed}."
    if basis == "price" and root.price:
        return f"{none} Reckoned for {needs}, at {root.price}; how quick the server is, is not known."
    return f"{none} Once a question has been answered, there are figures for the next."


def _about(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
