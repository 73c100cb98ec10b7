from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QPalette

from rlm_desktop.gui.look.scheme import scheme_palette
from rlm_desktop.gui.look.theme import DARK, LIGHT, Colours, colours, contrast
from tests.gui.shots.camera import palette

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


PAIRS = [
    ("Text", "Base"),
    ("Text", "AlternateBase"),
    ("WindowText", "Window"),
    ("ButtonText", "Button"),
    ("HighlightedText", "Highlight"),
    ("ToolTipText", "ToolTipBase"),
    ("Link", "Base"),
    ("Link", "Window"),
    ("LinkVisited", "Base"),
    ("PlaceholderText", "Base"),
]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("group", [QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_every_pair_of_our_palettes_is_readable(
    dark: bool, group: QPalette.ColorGroup, ink: str, ground: str
) -> None:
    palette = scheme_palette(dark=dark)
    roles = QPalette.ColorRole
    text, behind = palette.color(group, roles[ink]), palette.color(group, roles[ground])
    assert text.alpha() == behind.alpha() == 255
    assert contrast(text, behind) >= 4.5, (text.name(), behind.name())


@pytest.mark.parametrize("dark", [False, True])
def test_our_colours_are_readable_on_every_ground_of_our_palettes(dark: bool) -> None:
    palette, own = scheme_palette(dark=dark), DARK if dark else LIGHT
    roles = QPalette.ColorRole
    for ground in (roles.Base, roles.AlternateBase, roles.Window, roles.Button):
        for field in fields(Colours):
            if field.name != "mark":
                assert contrast(QColor(getattr(own, field.name)), palette.color(ground)) >= 4.5, (
                    field.name,
                    ground,
                )
