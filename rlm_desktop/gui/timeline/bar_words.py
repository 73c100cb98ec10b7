"""What is said of a bar of the timeline: in a breath for those who hear it, in full for the tooltip."""

from __future__ import annotations

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.status import ROW
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.timeline.lanes import OPEN
from rlm_desktop.gui.timeline.spans import STATUSES
from rlm_desktop.gui.timeline.time_axis import words
from rlm_desktop.gui.timeline.waterfall import Waterfall

_MICRO = 1e6


def aloud(fall: Waterfall, bar: int) -> str:
    """``Turn 2, done, 2.1 s``."""
    picture = fall.picture
    status = tr(ROW[STATUSES[picture.status[bar]]].word).lower()
    return f"{picture.labels[bar]}, {status}, {numbers.seconds(_length(fall, bar))}"


def in_full(fall: Waterfall, bar: int) -> str:
    """What, how it ended, when, how long and what it took, each on a line of its own."""
    picture = fall.picture
    start, end = int(picture.start[bar]), int(fall.ends[bar])
    status = tr(ROW[STATUSES[picture.status[bar]]].word)
    ended = words(end) if picture.end[bar] < OPEN else tr("now")
    lines = [
        picture.labels[bar],
        f"{status}, {numbers.seconds(_length(fall, bar))}",
        tr("From {start} to {end}").format(start=words(start), end=ended),
    ]
    waited = int(fall.waits[bar]) - start
    if waited > 0:
        lines.append(tr("Waited {time} for the first word").format(time=numbers.seconds(waited / _MICRO)))
    if picture.prompt[bar] or picture.completion[bar]:
        spent = tr("{prompt:,} tokens in, {completion:,} out")
        lines.append(spent.format(prompt=int(picture.prompt[bar]), completion=int(picture.completion[bar])))
    if picture.cost[bar]:
        lines.append(numbers.cost(float(picture.cost[bar])))
    return "\n".join(lines)


def _length(fall: Waterfall, bar: int) -> float:
    return float(fall.ends[bar] - fall.picture.start[bar]) / _MICRO
