import pytest

from rlm_desktop.gui.look.format import THIN
from rlm_desktop.gui.models import words
from rlm_desktop.gui.wire.models import ModelEntry, Outlook, Price

GB = 10**9


def entry(state: str = "ready", verdict: str = "", needed: int = 6 * GB, total: int = 32 * GB) -> ModelEntry:
    outlook = Outlook(verdict, needed, 17 * GB, total, "the processor, 4 threads", "reads about 240 tokens/s")
    return ModelEntry(
        "m", "A model", 4 * GB, "MIT", 8192, 5 * GB, state, "A note", outlook=outlook if verdict else None
    )


def plain(text: str) -> str:
    return text.replace(THIN, " ")


def test_a_line_says_whether_it_is_here() -> None:
    assert [words.label(entry(state)) for state in ("ready", "absent", "partial")] == [
        "m", "m  (not downloaded)", "m  (partly downloaded)",
    ]  # fmt: skip


def test_before_a_download_its_size_and_whether_it_fits_are_said() -> None:
    assert plain(words.note(entry("absent", "fits"))) == "MIT · fits (6 GB of 17 GB free)"
    assert plain(words.note(entry("ready", "tight"))) == "tight (6 GB of 17 GB free)"
    assert words.note(entry("ready")) == ""
    assert not words.warning(entry("absent", "fits")) and not words.warning(entry("absent", "tight"))


def test_what_will_not_fit_now_comes_with_what_to_expect() -> None:
    big = entry("ready", "will not fit", needed=20 * GB)
    assert words.note(big) == ""
    assert plain(words.warning(big)).startswith(
        "It needs 20 GB of memory, and 17 GB are free: it will have a shorter"
    )


def test_what_can_never_fit_is_said_before_its_download() -> None:
    huge = entry("absent", "will not fit", needed=40 * GB)
    assert plain(words.note(huge)) == "MIT"
    assert plain(words.warning(huge)) == (
        "It needs 40 GB of memory, and this computer has 32 GB. Choose a smaller model."
    )


def test_everything_is_in_the_tool_tip() -> None:
    assert plain(words.facts(entry("ready", "fits"))).splitlines() == [
        "A model", "4 GB, 6 GB of memory, window of 8,192 tokens", "fits (6 GB of 17 GB free)",
        "computes on the processor, 4 threads", "reads about 240 tokens/s", "MIT", "A note",
    ]  # fmt: skip
    assert "5 GB of memory" in plain(words.facts(entry("ready")))


@pytest.mark.parametrize(("price", "text"), [(None, "price not known"), (Price(), "free")])
def test_a_remote_model_costs_and_needs_no_memory(price: Price | None, text: str) -> None:
    far = ModelEntry("openai:m", state="ready", price=price)
    assert words.note(far) == text
    assert words.label(far) == "openai:m  (remote)"
    assert words.facts(far).splitlines() == ["openai:m", "Asked over the network", text]
