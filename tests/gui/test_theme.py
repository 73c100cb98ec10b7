from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QPalette

from rlm_desktop.gui.theme import DARK, LIGHT, Colours, colours, contrast
from tests.gui.shots import palette

# What our colours stand on: the text ground of the common styles of each scheme, and the window's.
GROUNDS = {
    "light": (LIGHT, ("#ffffff", "#f7f7f7", "#efefef")),
    "dark": (DARK, ("#1e1e1e", "#242424", "#2d2d2d", "#323232")),
}


@pytest.mark.parametrize("scheme", GROUNDS)
def test_every_colour_of_ours_is_readable(scheme: str) -> None:
    own, grounds = GROUNDS[scheme]
    for ground in grounds:
        for field in fields(Colours):
            if field.name != "mark":
                assert contrast(QColor(getattr(own, field.name)), QColor(ground)) >= 4.5, (field.name, ground)


@pytest.mark.parametrize(("own", "ink"), [(LIGHT, "#000000"), (DARK, "#ffffff")])
def test_marked_lines_are_readable(own: Colours, ink: str) -> None:
    for colour in (ink, own.quiet):
        assert contrast(QColor(colour), QColor(own.mark)) >= 4.5


def test_the_scheme_follows_the_palette() -> None:
    assert colours(palette(dark=False)) is LIGHT
    assert colours(palette(dark=True)) is DARK
    swapped = palette(dark=False)
    swapped.setColor(QPalette.ColorRole.Base, QColor("black"))
    swapped.setColor(QPalette.ColorRole.Text, QColor("white"))
    assert colours(swapped) is DARK


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#767676"), QColor("white")) == pytest.approx(4.54, abs=0.01)
