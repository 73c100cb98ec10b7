from collections.abc import Callable

import pytest

from rlm_desktop.events import Row, Usage
from rlm_desktop.gui.run.columns import COLUMNS

STATUS = COLUMNS[1]


def row(reused: int, status: str = "done", kind: str = "turn", **usage: Usage) -> Row:
    spent = usage or {"usage": Usage(prompt_tokens=1000, reused_tokens=reused, calls=1)}
    return Row(span=1, parent=0, index=0, kind=kind, label="", status=status, finished=2, **spent)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        (row(864), "Done · ↺ 86\u202f%"),
        (row(1000), "Done · ↺ 100\u202f%"),
        (row(499), "Done"),
        (row(0), "Done"),
        (row(900, "cancelled"), "Stopped"),
        (row(0, usage=Usage()), "Done"),
    ],
)
def test_a_prompt_that_was_mostly_in_memory_says_so(of: Row, shown: str) -> None:
    assert STATUS.text(of, 0.0) == shown


@pytest.mark.parametrize("say", [STATUS.text, STATUS.exact])
def test_a_row_speaks_of_its_own_prompt_and_a_group_of_all(say: Callable[[Row, float], str]) -> None:
    total = Usage(prompt_tokens=4000, reused_tokens=3000, calls=4)
    own = Usage(prompt_tokens=1000, reused_tokens=100, calls=1)
    assert "75" not in say(row(0, usage=own, total=total), 0.0)
    assert "75" in say(row(0, kind="group", total=total), 0.0)


def test_those_who_hear_it_hear_words() -> None:
    assert STATUS.exact(row(864), 0.0) == "Done, 86\u202f% of the prompt reused from memory"
