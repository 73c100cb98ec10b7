"""Of many events about a row, the tree hears of the latest."""

from copy import deepcopy

from rlm_desktop.events import Row
from rlm_desktop.events.row import LIVE_TAIL
from rlm_desktop.gui.run.arrivals import Arrivals

CALL = Row(span=3, parent=2, index=0, kind="call", label="Read")


def change(**fields: object) -> Row:
    row = deepcopy(CALL)
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def test_pieces_of_text_are_joined() -> None:
    arrivals = Arrivals(lambda span: change(live="It ") if span == 3 else None)
    for chunk in ("is ", "Enoch"):
        arrivals.add([change()], chunk)
    assert [row.live for row in arrivals.drain()] == ["It is Enoch"]
    arrivals.add([change()], "No", anew=True)
    arrivals.add([change()], "ah")
    assert [row.live for row in arrivals.drain()] == ["Noah"]
    assert arrivals.drain() == []


def test_only_the_tail_of_a_long_text_is_kept() -> None:
    arrivals = Arrivals(lambda _: None)
    arrivals.add([change()], "a" * LIVE_TAIL)
    arrivals.add([change()], "b")
    assert arrivals.drain()[0].live == "a" * (LIVE_TAIL - 1) + "b"


def test_the_latest_counts_and_what_ended_does_not_run_again() -> None:
    arrivals = Arrivals(lambda _: None)
    arrivals.add([change(label="one")])
    arrivals.add([change(label="two", status="done", finished=5)])
    arrivals.add([change(label="late")])  # from a page that was read before
    assert [(row.label, row.status) for row in arrivals.drain()] == [("two", "done")]
