"""How reports put numbers, times and outcomes into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from rlm_desktop.events import LimitName, Row, Usage

Tone = Literal["good", "warn", "bad", "busy", "quiet"]


@dataclass(frozen=True)
class Look:
    """An outcome as a shape, a word, and a tone that only underlines them."""

    shape: str
    word: str
    tone: Tone


RUN = {
    "running": Look("●", "Still running", "busy"),
    "answered": Look("✓", "Answered", "good"),
    "not_found": Look("○", "The document does not say", "quiet"),
    "limit": Look("⚠", "Partial answer", "warn"),
    "failed": Look("✕", "Failed", "bad"),
    "cancelled": Look("◼", "Stopped", "quiet"),
    "interrupted": Look("✕", "Cut short", "bad"),
}
_ROW = {
    "running": Look("●", "Running", "busy"),
    "done": Look("✓", "Done", "good"),
    "warning": Look("⚠", "Warning", "warn"),
    "failed": Look("✕", "Failed", "bad"),
    "cancelled": Look("◼", "Stopped", "quiet"),
}
SANDBOX = {
    "full": "full: cells could reach nothing but the documents, and no other process",
    "partial": "partial: cells could reach no file but the documents, and no network",
    "none": "none: cells ran without a sandbox",
}
LIMITS: dict[LimitName, str] = {
    "turns": "Turns",
    "subcalls": "Sub-calls",
    "tokens": "Tokens",
    "seconds": "Seconds",
    "cost": "US dollars",
}


def row_look(row: Row) -> Look:
    """How the status of a row is shown."""
    return _ROW[row.status]


def count(number: int, one: str, many: str = "") -> str:
    """``1 call``, ``1,790 files``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """``0.4 s``, ``18 s``, ``3 min 5 s``, ``1 h 2 min``."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def size(byte_count: int) -> str:
    """Bytes in decimal units: ``12 B``, ``4.3 MB``."""
    for step, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if byte_count >= step:
            value = byte_count / step
            return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"
    return f"{byte_count} B"


def price(usd: float) -> str:
    """US dollars, to the precision that a small price needs; a dash where nothing is to pay, or no price is known."""
    if not usd:
        return "–"
    if usd >= 1:
        return f"${usd:,.2f}"
    return f"${usd:.4f}" if usd >= 0.0001 else "<$0.0001"


def amount(value: float) -> str:
    """A limit or what was used of it: ``20``, ``1,500``, ``0.25``."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def moment(microseconds: int) -> str:
    """A time of day in UTC, to the second."""
    return f"{datetime.fromtimestamp(microseconds / 1e6, UTC):%Y-%m-%d %H:%M:%S} UTC"


def elapsed(row: Row) -> float:
    """Seconds from a row's beginning to its end; 0 while it runs."""
    return max(0, row.finished - row.started) / 1e6 if row.finished else 0.0


def spent(usage: Usage) -> list[str]:
    """What model calls cost, in short facts: tokens, those reused, those spent thinking, the price."""
    facts = []
    if usage.prompt_tokens or usage.completion_tokens:
        about = "about " if usage.estimated else ""
        facts.append(f"{about}{usage.prompt_tokens:,} → {count(usage.completion_tokens, 'token')}")
    if usage.reused_tokens:
        facts.append(f"{usage.reused_tokens:,} reused")
    if usage.reasoning_tokens:
        facts.append(f"{usage.reasoning_tokens:,} spent thinking")
    if usage.cost_usd:
        facts.append(price(usage.cost_usd))
    return facts
