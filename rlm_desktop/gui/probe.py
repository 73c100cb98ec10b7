"""Find out whether Qt can open a window here: ``python -m rlm_desktop.gui.probe`` fails where it cannot.

A process of its own, because Qt does not raise where a system library is missing: it aborts.
"""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

if __name__ == "__main__":
    QApplication([])
