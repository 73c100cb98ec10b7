from __future__ import annotations

import pytest

from rlm_desktop.errors import BugError, StoreError, UsageError, UserError


def test_a_user_error_reads_as_what_happened_and_what_to_do() -> None:
    error = UserError("The file notes.txt is empty.", "Choose another.")
    assert (error.message, error.hint) == ("The file notes.txt is empty.", "Choose another.")
    assert str(error) == "The file notes.txt is empty. Choose another."


def test_without_a_hint_the_message_stands_alone() -> None:
    assert str(UserError("The question is empty.")) == "The question is empty."


@pytest.mark.parametrize("kind", [UsageError, StoreError])
def test_every_failure_of_the_environment_is_a_user_error(kind: type[UserError]) -> None:
    with pytest.raises(UserError, match=r"^It is full\.$"):
        raise kind("It is full.")


def test_our_own_bugs_are_not_blamed_on_the_person() -> None:
    assert not issubclass(BugError, UserError)
