from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QStringListModel
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from rlm_desktop.gui.history.run_delegate import _draw_line, excerpt
from rlm_desktop.gui.widgets.row_delegate import RowDelegate
from rlm_desktop.gui.wire import Hit, Summary

RUN = Summary("a", "Who?", "answered")


@given(st.text(max_size=60), st.text(min_size=1, max_size=20), st.text(max_size=60), st.integers(0, 80))
def test_what_matches_stays_marked_however_the_snippet_is_cut(
    before: str, match: str, after: str, lead: int
) -> None:
    start = len(before)
    hit = Hit(RUN, "answer", before + match + after, ((start, start + len(match)),))
    text, ((first, last),) = excerpt(hit, lead)
    assert text[first:last] == match
    assert text.endswith(after) and text.startswith("Answer: ")
    assert first <= max(lead, len("Answer: …")) + 1


def test_a_snippet_begins_at_a_word() -> None:
    words = "And Enoch walked with God after he begat Methuselah three hundred years"
    at = words.index("Methuselah")
    text, marks = excerpt(Hit(RUN, "output", words, ((at, at + 10),)), 24)
    assert text == "Output: …after he begat Methuselah three hundred years"
    assert text[slice(*marks[0])] == "Methuselah"


def test_letters_of_a_higher_font_make_no_row_higher() -> None:
    model = QStringListModel(["Who was it?", "猫の名前は何ですか? ما اسم القطة؟", ""])
    option = QStyleOptionViewItem()
    rows = RowDelegate()
    heights = {rows.sizeHint(option, model.index(row)).height() for row in range(3)}
    assert len(heights) == 1 and heights.pop() >= 24


def test_the_base_of_a_name_does_not_depend_on_its_script() -> None:
    """Latin letters stand as high beside others as alone."""

    def first_row_with_ink(name: str) -> int:
        image = QImage(400, 60, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        metrics = painter.fontMetrics()
        _draw_line(painter, metrics, name, QColor("black"), QRect(0, 10, 400, 40))
        painter.end()
        letter = metrics.horizontalAdvance("H")
        return next(y for y in range(60) if any(image.pixelColor(x, y).alpha() > 99 for x in range(letter)))

    assert first_row_with_ink("Hm") == first_row_with_ink("Hm 猫の名前 ما اسم")
