"""What the engine says of the program itself, as types: what is kept, which keys there are, how well it is."""

from __future__ import annotations

import msgspec


class Kept(msgspec.Struct, frozen=True):
    """One part of what is kept on disk: ``history``, ``models``, ``passages``, ``trash`` or ``leftovers``; in bytes."""

    name: str
    count: int
    size: int


class Storage(msgspec.Struct, frozen=True):
    """What is kept in the data folder ``home``, and the bytes that are free there."""

    home: str
    free: int
    parts: tuple[Kept, ...]


class KeptKey(msgspec.Struct, frozen=True):
    """Where a provider's key is: ``environment``, ``keyring``, ``unusable``, or empty for nowhere."""

    name: str
    place: str


class Keys(msgspec.Struct, frozen=True):
    """Which providers have a key; ``keyring`` is the system's, empty if it has none."""

    keyring: str
    keys: tuple[KeptKey, ...]


class Check(msgspec.Struct, frozen=True):
    """One thing the doctor looked at, whether it is well, and what to do about it."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


class Checks(msgspec.Struct, frozen=True):
    """Everything the doctor looked at."""

    checks: tuple[Check, ...]

    @property
    def text(self) -> str:
        """As the command ``rlm-desktop doctor`` prints it."""
        lines = []
        for check in self.checks:
            lines.append(f"{'✓' if check.ok else '✕'} {check.name}: {check.detail}")
            if check.fix:
                lines.append(f"  → {check.fix}")
        return "\n".join(lines)
