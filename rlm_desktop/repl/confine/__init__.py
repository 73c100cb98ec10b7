"""Confinement of the REPL. Levels: ``none``, ``partial``, ``full``; only Linux has any so far.

``full`` is three walls, each of which would do: namespaces (`bubblewrap`: no network, no other process, no file but
the interpreter's), Landlock (no file but those it lists) and a seccomp filter (no system call but those it lists).
``partial`` lacks the namespaces or Landlock. Without namespaces cells can see which files exist (``stat``) and which
processes (``getpgid``), and the scratch folder is on disk, where its size is watched and not fixed.

The child imports `linux` and what that imports; they need the standard library only.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Level = Literal["full", "partial", "none"]
LEVELS: tuple[Level, ...] = ("none", "partial", "full")


@dataclass(frozen=True)
class Confinement:
    """What holds the cells.

    Attributes:
        bubblewrap: The program that makes namespaces; empty for none.
        landlock: Whether files are closed to them.
        seccomp: Whether system calls are.
        why: A few words on what it rests on, or what is missing.
    """

    bubblewrap: str = ""
    landlock: bool = False
    seccomp: bool = False
    why: str = ""

    @property
    def level(self) -> Level:
        """How much that is."""
        if not self.seccomp or not (self.landlock or self.bubblewrap):
            return "none"
        return "full" if self.landlock and self.bubblewrap else "partial"

    def at(self, level: Level) -> Confinement:
        """No more than this level.

        Raises:
            ValueError: That would be more than there is.
        """
        if LEVELS.index(level) > LEVELS.index(self.level):
            raise ValueError(f"level {level} cannot be had here: {self.why}")
        if level == self.level:
            return self
        if level == "none":
            return Confinement(why="switched off")
        return Confinement(landlock=True, seccomp=True, why="namespaces switched off")


@lru_cache(maxsize=1)
def offered() -> Confinement:
    """All that this computer has; the first time it tries namespaces out, which takes some 25 ms."""
    if sys.platform != "linux":
        return Confinement(why=f"there is no sandbox for {sys.platform} yet")
    from rlm_desktop.repl.confine import bubblewrap, landlock, linux, seccomp

    program, said = bubblewrap.find()
    version = landlock.abi()
    has_seccomp = seccomp.available()
    held = [said] if program else []
    held += [f"Landlock ABI {version}"] if version else []
    held += ["seccomp"] if has_seccomp else []
    missing = [] if program else [f"no namespaces: {said}"]
    missing += [] if version else ["the kernel has no Landlock (Linux 5.13 or later, not switched off)"]
    missing += (
        [] if has_seccomp else [f"no seccomp filters on this kernel and architecture ({linux.machine()})"]
    )
    return Confinement(
        program, bool(version), has_seccomp, "; ".join([" and ".join(held), *missing]).strip("; ")
    )


def available() -> tuple[Level, str]:
    """The level this computer offers, and what it rests on and what is missing."""
    return offered().level, offered().why
