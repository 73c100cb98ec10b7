"""The figures of a step, one below the other."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from rlm_desktop.events import Row
from rlm_desktop.gui.findings.figures import figures
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.quiet_label import QuietLabel


class FiguresPage(QScrollArea):
    """Names at the left, values at the right of them; the exact value is in the tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Figures of the step"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        page = QWidget()
        self._grid = QGridLayout(page)
        self._grid.setContentsMargins(GRID, GRID, GRID, GRID)
        self._grid.setHorizontalSpacing(2 * GRID)
        self._grid.setVerticalSpacing(GRID // 2)
        self._grid.setColumnStretch(0, 3)
        self._grid.setColumnStretch(1, 4)
        self._lines: list[tuple[QLabel, QLabel]] = []
        self.setWidget(page)

    def show_row(self, row: Row, now: float) -> bool:
        """Show the figures of a step; says whether there are any.

        Args:
            row: The step.
            now: Seconds since the epoch at the moment on show, which in a replay is long past.
        """
        found = list(figures(row, now))
        while len(self._lines) < len(found):
            self._add()
        for number, (name, value) in enumerate(self._lines):
            there = number < len(found)
            name.setVisible(there)
            value.setVisible(there)
            if there:
                name.setText(found[number].name)
                value.setText(found[number].value)
                value.setToolTip(found[number].exact)
                value.setAccessibleName(f"{found[number].name}: {found[number].value}")
        return bool(found)

    def text(self) -> str:
        """What it says, a figure a line."""
        return "\n".join(
            f"{name.text()}: {value.text()}"
            for name, value in self._lines
            if name.text() and not name.isHidden()
        )

    def _add(self) -> None:
        name, value = QuietLabel(), QLabel()
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setTextFormat(Qt.TextFormat.PlainText)
        line = len(self._lines)
        self._grid.setRowStretch(line, 0)
        self._grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, line, 1, Qt.AlignmentFlag.AlignTop)
        self._grid.setRowStretch(line + 1, 1)
        self._lines.append((name, value))
