"""One thing `rlm-desktop doctor` looked at."""

from __future__ import annotations

import msgspec


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at.

    Attributes:
        name: What.
        ok: Whether the program can do its work with it as it is.
        detail: What was found.
        fix: What to do about it, or to have more of this computer; empty when there is nothing to do.
    """

    name: str
    ok: bool
    detail: str
    fix: str = ""
