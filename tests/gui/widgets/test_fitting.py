import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from rlm_desktop.gui.widgets.fitting import fitted

NAME, FIGURES = "the-whole-of-genesis-and-exodus.txt", ("14:02", "18 s")


@pytest.fixture
def metrics(qapp: QApplication) -> QFontMetrics:
    return QFontMetrics(qapp.font())


def test_the_last_figure_goes_first_and_then_the_middle_of_the_name(metrics: QFontMetrics) -> None:
    wide = metrics.horizontalAdvance
    whole = f"{NAME} · 14:02 · 18 s"
    assert fitted(metrics, NAME, FIGURES, wide(whole)) == whole
    assert fitted(metrics, NAME, FIGURES, wide(whole) - 1) == f"{NAME} · 14:02"
    cut = fitted(metrics, NAME, FIGURES, wide(f"{NAME} · 14:02") - 1)
    assert cut.startswith("the-whole") and cut.endswith("exodus.txt · 14:02") and "…" in cut
    narrow = fitted(metrics, NAME, FIGURES, wide("the-…s.txt"))
    assert narrow.startswith("the") and narrow.endswith("txt") and "14:02" not in narrow
    assert fitted(metrics, "tiny", (), 999) == "tiny"


@given(st.text(max_size=60), st.lists(st.text(max_size=9), max_size=3), st.integers(0, 400))
def test_nothing_is_wider_than_the_room(name: str, figures: list[str], room: int) -> None:
    metrics = QFontMetrics(QApplication.font())
    text = fitted(metrics, name, figures, room)
    assert not text or metrics.horizontalAdvance(text) <= max(room, metrics.horizontalAdvance("…"))
