"""Which installed packages cells may import besides the standard library: numpy, if it is there."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from rlm_desktop.processes import bundled

SHARED = "numpy"


def shared_packages() -> tuple[Path, ...]:
    """Folders of the shared package, its own first, then that of the libraries it brings; none in a bundle.

    The package is found and not imported, which takes 0.1 s.
    """
    if bundled():
        return ()
    spec = importlib.util.find_spec(SHARED)
    if spec is None or not spec.submodule_search_locations:
        return ()
    package = Path(spec.submodule_search_locations[0])
    folders = (package, package.with_name(f"{SHARED}.libs"))
    return tuple(folder.resolve() for folder in folders if folder.is_dir())
