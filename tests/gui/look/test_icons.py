from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

import desktop_entry
from rlm_desktop.gui.look import icons


@pytest.mark.usefixtures("qapp")
def test_an_icon_has_the_colour_it_is_asked_for() -> None:
    image = icons.icon("play", "#ff0000").pixmap(32).toImage()
    inks = {
        image.pixelColor(x, y).name()
        for x in range(32)
        for y in range(32)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert inks == {"#ff0000"}


@pytest.mark.parametrize("size", icons.APPLICATION_SIZES)
def test_the_window_shows_the_icon_of_the_menu_entry(qapp: QApplication, size: int) -> None:
    assert icons.shared_file("resources", "icons", "app.svg") == desktop_entry.DRAWING
    image = icons.application_icon().pixmap(size).toImage()
    assert (image.width(), image.height()) == (size, size)
    middle = image.pixelColor(size // 4, size * 7 // 8)
    assert middle.alpha() == 255 and middle.blue() > middle.red(), "the ground below the book"
    assert image.pixelColor(0, 0).alpha() == 0
