"""What makes no sense in a question is refused before anything is opened."""

from __future__ import annotations

from typing import Any

import pytest

from rlm_desktop.engine.request import LONGEST_QUESTION, AskRequest, check_request
from rlm_desktop.errors import UsageError
from rlm_desktop.events import Limits


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"question": " \n"}, "empty"),
        ({"question": "x" * (LONGEST_QUESTION + 1)}, "20,001 characters"),
        ({"paths": ()}, "No document"),
        ({"strategy": "best"}, "no strategy best"),
        ({"limits": Limits(turns=0)}, "0 turns"),
        ({"limits": Limits(seconds=float("nan"))}, "nan seconds"),
        ({"limits": Limits(seconds=float("inf"))}, "so many seconds"),
        ({"limits": Limits(tokens=10**400)}, "so many tokens"),
        ({"limits": Limits(subcalls=-(10**400))}, "so many sub-calls"),
        ({"limits": Limits(cost_usd=-0.5)}, "-0.5 US dollars"),
        ({"limits": Limits(depth=-1)}, "depth of -1"),
        ({"limits": Limits(depth=2**70)}, "depth of"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(fields: dict[str, Any], message: str) -> None:
    request = AskRequest(**{"question": "Who?", "paths": ("a.txt",), **fields})
    with pytest.raises(UsageError, match=message):
        check_request(request)


def test_whatever_can_be_meant_is_taken() -> None:
    limits = Limits(turns=1, subcalls=0, tokens=1, seconds=0.001, cost_usd=0.0, depth=0)
    check_request(AskRequest(question="x" * LONGEST_QUESTION, paths=("a.txt",), limits=limits))
