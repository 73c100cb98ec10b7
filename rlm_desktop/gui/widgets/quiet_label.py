"""Second-rank text: hints, counts, empty states."""

from __future__ import annotations

from rlm_desktop.gui.widgets.toned_label import TonedLabel


class QuietLabel(TonedLabel):
    """Wraps, and stays behind what matters."""

    def __init__(self, text: str = "") -> None:
        super().__init__("quiet", text)
