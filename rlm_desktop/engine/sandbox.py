"""What the model's code is confined by on this computer, what is missing, and the yes that running it unconfined needs."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from rlm_desktop.engine.request import AskRequest
from rlm_desktop.engine.strategies import CODELESS
from rlm_desktop.errors import UserError
from rlm_desktop.events import SandboxLevel
from rlm_desktop.repl import host
from rlm_desktop.repl.confine import landlock

UNCONFINED = "The model's code runs without a sandbox in this run, as was allowed."
"""Remarked on each run that was allowed it."""
_PROFILE = "bwrap-userns-restrict"
"""AppArmor's for bubblewrap: part of Ubuntu from 25.04 on, and before that of its package apparmor-profiles."""
_APPARMOR = (
    "For level full let AppArmor know bubblewrap: `sudo apt install bubblewrap apparmor-profiles && sudo install -m 644 "
    f"/usr/share/apparmor/extra-profiles/{_PROFILE} /etc/apparmor.d/ && sudo apparmor_parser -r /etc/apparmor.d/{_PROFILE}`."
)
_CONTAINERS = (".dockerenv", "run/.containerenv")


@dataclass(frozen=True)
class Sandbox:
    """What this computer offers.

    Attributes:
        level: How far code can be confined.
        why: What that rests on, or what is missing, in a few words.
    """

    level: SandboxLevel
    why: str


async def offered() -> Sandbox:
    """What this computer offers; not found out on the event loop, since that starts a program the first time."""
    return Sandbox(*await asyncio.to_thread(host.sandbox_level))


def check_consent(request: AskRequest, sandbox: Sandbox) -> None:
    """Refuse to run the model's code without a sandbox unless the person said yes to it for this run.

    Raises:
        UserError: Nobody did.
    """
    if sandbox.level == "none" and not request.unconfined and request.strategy not in CODELESS:
        raise UserError(
            f"The model's code cannot be confined on this computer: {sandbox.why}.",
            "Allow it for this run with --allow-unconfined, or choose the strategy direct, which runs no code.",
        )


def remedy(sandbox: Sandbox, *, system: Path = Path("/")) -> str:
    """What to do for the level above, in one sentence; empty for nothing.

    Args:
        sandbox: What is offered now.
        system: The root of the file system.
    """
    if sandbox.level == "full":
        return ""
    if sys.platform != "linux":
        return "Only Linux has a sandbox so far; elsewhere each run asks whether code may run without one."
    if not landlock.abi():
        return "Use Linux 5.13 or newer, with Landlock switched on (`lsm=landlock,…` among what the kernel is started with)."
    return _namespaces(system) if sandbox.level == "partial" else ""


def _namespaces(system: Path) -> str:
    """How to have namespaces, which only ``full`` needs: what stands in their way first."""

    def setting(name: str) -> str:
        try:
            return (system / "proc/sys" / name).read_text().strip()
        except OSError:
            return ""

    ordinary = os.geteuid() != 0
    if setting("user/max_user_namespaces") == "0":
        return "For level full switch user namespaces on: `sudo sysctl user.max_user_namespaces=15000`."
    if ordinary and setting("kernel/unprivileged_userns_clone") == "0":
        return "For level full switch user namespaces on: `sudo sysctl kernel.unprivileged_userns_clone=1`."
    guarded = ordinary and setting("kernel/apparmor_restrict_unprivileged_userns") == "1"
    if guarded and not (system / "etc/apparmor.d" / _PROFILE).exists():
        return _APPARMOR
    if shutil.which("bwrap") is None:
        return "For level full install bubblewrap, on Debian and Ubuntu with `sudo apt install bubblewrap`."
    if any((system / mark).exists() for mark in _CONTAINERS):
        return "For level full run it outside the container, or let the container make user namespaces."
    return "For level full see what `bwrap --unshare-all --ro-bind / / true` says."
