"""Numbers as people read them: short, with a thin space before the unit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

THIN = "\u202f"
NONE = "–"


def count(number: int) -> str:
    """Three significant figures at most: ``950``, ``1.2k``, ``34k``, ``4.3M``."""
    for size, suffix in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        # 999,950 would otherwise read as 1000k
        if number >= size * 0.9995 and number >= 1_000:
            return _short(number / size) + suffix
    return str(number)


def size(byte_count: int) -> str:
    """Decimal units, as file managers show them: ``12 B``, ``4.3 MB``."""
    for unit_size, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if byte_count >= unit_size * 0.9995:
            return f"{_short(byte_count / unit_size)}{THIN}{unit}"
    return f"{byte_count}{THIN}B"


def beginning(text: str, length: int) -> str:
    """The text on one line, cut after so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length].rstrip()}…"


def shortened(text: str, length: int) -> str:
    """The text on one line, without its middle if it has more characters: both ends tell names apart."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    tail = (length - 1) // 2
    return f"{line[: length - 1 - tail].rstrip()}…{line[len(line) - tail :].lstrip()}"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if value < 9.95 else f"{value:.0f}"


def seconds(value: float) -> str:
    """A duration: ``0.4 s``, ``18 s``, ``3 min 05 s``, ``1 h 02 min``."""
    if value < 9.95:
        return f"{max(value, 0):.1f}{THIN}s"
    whole = round(value)
    if whole < 60:
        return f"{whole}{THIN}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}{THIN}min {rest:02}{THIN}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}{THIN}h {minutes:02}{THIN}min"


def ticking(value: float) -> str:
    """A running duration: whole seconds only, so that the column does not jitter."""
    return f"{int(value)}{THIN}s" if value < 60 else seconds(int(value))


def percent(share: float) -> str:
    """A part of a whole: ``0.4 %``, ``34 %``; neither nothing nor all of it unless it is."""
    hundredths = share * 100
    if 0 < hundredths < 0.05:
        return f"<0.1{THIN}%"
    if 99.95 <= hundredths < 100:
        return f">99.9{THIN}%"
    digits = 1 if hundredths < 9.95 or 99 < hundredths < 100 else 0
    return f"{hundredths:.{digits}f}".removesuffix(".0") + f"{THIN}%"


def pace(speed: float) -> str:
    """Tokens a second to two digits; nothing when not known."""
    return f"{float(f'{speed:.2g}'):g}" if speed else ""


def cost(usd: float) -> str:
    """A price in US dollars; nothing to pay is a dash."""
    if not usd:
        return NONE
    if usd >= 1:
        return f"${usd:,.2f}"
    # two significant figures of the smallest price worth showing
    return f"${usd:.4f}" if usd >= 0.0001 else "<$0.0001"


def price(usd: float) -> str:
    """A price in a sentence: ``free`` rather than a dash."""
    return cost(usd) if usd else "free"


def model(name: str) -> str:
    """A model's name without the folders, provider or server it is in: ``qwen.gguf``, ``replies.json``, ``gpt``."""
    return re.split(r"[/\\#:]", name.rstrip("/\\"))[-1]


def names(paths: Iterable[str]) -> str:
    """Files and folders without the folders they are in: ``kjv.txt, notes``; the root is ``/``."""
    return ", ".join(re.split(r"[/\\]", path.rstrip("/\\"))[-1] or path for path in paths)


def plural(number: int, one: str, many: str = "") -> str:
    """``1 file``, ``1,790 files``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def clock(moment: datetime) -> str:
    """The time of a day: ``14:02``."""
    return f"{moment:%H:%M}"


def when(moment: datetime, now: datetime) -> str:
    """A moment of the past, both in local time: ``14:02`` today, ``yesterday``, ``3 Mar``, ``3 Mar 2024``."""
    days = (now.date() - moment.date()).days
    if days <= 0:
        return clock(moment)
    if days == 1:
        return "yesterday"
    day = f"{moment.day} {moment:%b}"
    return day if moment.year == now.year else f"{day} {moment.year}"
