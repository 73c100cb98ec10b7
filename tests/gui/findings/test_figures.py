"""What a step took, in names and values."""

from __future__ import annotations

from rlm_desktop.events import Row, Usage
from rlm_desktop.gui.findings.figures import figures


def told(row: Row, now: float = 100.0) -> dict[str, str]:
    return {figure.name: figure.value.replace("\u202f", " ") for figure in figures(row, now)}


def test_a_call_tells_tokens_speed_time_and_price() -> None:
    usage = Usage(1000, 60, 400, 10, 1, 0.0031)
    row = Row(span=1, parent=0, index=0, kind="call", label="", model="m/tiny", usage=usage, total=usage)
    row.started, row.heard, row.finished = 10_000_000, 12_000_000, 15_000_000
    found = told(row)
    assert found.pop("Started")
    assert found == {
        "Took": "5.0 s",
        "Waited for the first word": "2.0 s",
        "From then on": "3.0 s",
        "Tokens in": "1k",
        "↺ of these reused": "400 (40 %)",
        "Tokens out": "60",
        "of these thinking": "10",
        "Speed": "20 tokens/s",
        "Cost": "$0.0031",
        "Model": "tiny",
    }


def test_a_running_cell_tells_what_stands_below_it() -> None:
    row = Row(span=1, parent=0, index=0, kind="cell", label="", total=Usage(10, 5, calls=3, cost_usd=0.5))
    row.started = 90_000_000
    found = told(row)
    assert found.pop("Started")
    assert found == {
        "Running for": "10 s",
        "With all steps below: calls": "3",
        "With all steps below: tokens": "15",
        "With all steps below: cost": "$0.5000",
    }


def test_an_estimate_is_called_one_and_nothing_is_told_of_nothing() -> None:
    row = Row(span=1, parent=0, index=0, kind="turn", label="", usage=Usage(10, 5, calls=1, estimated=True))
    assert told(row)["Tokens in"] == "about 10"
    assert told(Row(span=1, parent=0, index=0, kind="turn", label="")) == {}
