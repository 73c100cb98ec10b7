"""What a desktop wants to know of the program: its icon in several sizes, its menu entry, and how to put them there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
DRAWING = FOLDER.parent / "resources" / "icons" / "app.svg"
"""What the window shows too."""
ENTRY = FOLDER / "rlm-desktop.desktop"
INSTALLER = FOLDER / "install.sh"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
"""Pixels; the sizes of the icon theme specification's ``hicolor`` that desktops ask for."""


def write(bundle: Path) -> None:
    """Put icons, menu entry and installer into a bundle, below ``share`` as the desktops' specifications have it."""
    icons = bundle / "share" / "icons" / "hicolor"
    command = [sys.executable, __file__, str(icons)]  # Qt wants a process whose platform can be chosen
    subprocess.run(command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, check=True)
    applications = bundle / "share" / "applications"
    applications.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ENTRY, applications / ENTRY.name)
    shutil.copy(INSTALLER, bundle / INSTALLER.name)
    shutil.copyfile(FOLDER.parent / "LICENSE", bundle / "LICENSE")


def draw(icons: Path) -> None:
    """Render the icon in every size, as PNG, beside the drawing itself; needs a `QGuiApplication`."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    scalable = icons / "scalable" / "apps"
    scalable.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DRAWING, scalable / f"{ENTRY.stem}.svg")
    renderer = QSvgRenderer(str(DRAWING))
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        folder = icons / f"{size}x{size}" / "apps"
        folder.mkdir(parents=True, exist_ok=True)
        if not image.save(str(folder / f"{ENTRY.stem}.png")):
            raise OSError(f"{folder} cannot be written")


if __name__ == "__main__":
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication([])
    draw(Path(sys.argv[1]))
