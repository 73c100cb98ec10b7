from __future__ import annotations

import pytest

from record_sample import anywhere
from rlm_desktop.events import AnyEvent, CellOutput, Limits, RunStarted, encode

LIBRARY = "/usr/lib/a “quoted” \\ place/python3.11"


STARTED = RunStarted(
    question="Who?",
    strategy="guided",
    dialect="rlm-v1",
    prompt_version="1",
    models=(),
    limits=Limits(),
    sources=(),
    sandbox="partial",
    program="0.1.0",
    paths=(LIBRARY, f"{LIBRARY}/smtplib.py"),
    session="s1",
    run="r1",
    span=0,
    seq=1,
    time=0,
)


@pytest.mark.parametrize(
    "event",
    [
        STARTED,
        CellOutput("stdout", f"{LIBRARY}/smtplib.py:25", run="r1", seq=4, span=2, time=0),
    ],
)
def test_an_event_names_no_folder_of_this_computer(event: AnyEvent) -> None:
    moved = anywhere(event, LIBRARY)
    assert b"usr" not in encode(moved)
    assert b"Lib/smtplib.py" in encode(moved)
    assert moved.run == "sample" and moved.seq == event.seq


def test_a_session_of_its_own() -> None:
    moved = anywhere(STARTED, LIBRARY)
    assert isinstance(moved, RunStarted) and moved.session == "sample"
