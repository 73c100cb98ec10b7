"""``rlm-desktop doctor``: what works here, and what to do about what does not."""

from __future__ import annotations

import asyncio

import msgspec

from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import say, say_json
from rlm_desktop.engine.doctor import examine


def run(options: Options) -> int:
    """Check everything; the exit code is 1 when something is wrong."""
    checks = asyncio.run(examine(options.settings))
    ok = all(check.ok for check in checks)
    if options.json:
        say_json({"ok": ok, "checks": msgspec.to_builtins(checks)})
        return 0 if ok else 1
    width = max(len(check.name) for check in checks)
    for check in checks:
        say(f"{'✓' if check.ok else '✕'} {check.name:<{width}}  {check.detail}")
        if check.fix:
            say(f"  {'':<{width}}  → {check.fix}")
    return 0 if ok else 1
