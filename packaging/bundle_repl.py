"""The bundle's second program: an isolated interpreter that runs the REPL child, with the standard library as files.

It holds the child and what that imports of ours, and nothing else of the program. What is imported at the top of this
file is what the loader has in its archive. Once the child is imported, the
bundle's own importer goes: what a cell imports comes from the files, as it does from an interpreter that was installed.
"""

import os
import sys
from collections.abc import Mapping

GIVEN = ("LANG", "HOME", "TMPDIR", "MALLOC_ARENA_MAX", "PYTHONHASHSEED", "GLIBC_TUNABLES")
"""What the host puts into the environment; the bundle's loader added to it."""


def settle(modules: Mapping[str, object], library: str) -> None:
    """Point packages that the loader imported from its archive at the same packages among the files."""
    for name, module in modules.items():
        folder = os.path.join(library, *name.split("."))  # noqa: PTH118 - pathlib is not worth its import
        if hasattr(module, "__path__") and os.path.isdir(folder):  # noqa: PTH112
            module.__path__ = [folder]


def main() -> None:
    """Become an interpreter like any other, and run the child that the first argument names."""
    bundle: str = sys._MEIPASS  # type: ignore[attr-defined]
    library = f"{bundle}/python{sys.version_info.major}.{sys.version_info.minor}"
    sys.path[:] = [library, f"{library}/lib-dynload", bundle]
    settle(sys.modules, library)

    from rlm_desktop.repl import child, solo
    from rlm_desktop.repl.confine import linux  # noqa: F401 - the child imports it when the importer is gone

    sys.path.pop()
    sys.path_hooks[:] = [hook for hook in sys.path_hooks if "Pyi" not in repr(hook)]
    sys.path_importer_cache.clear()
    for name in set(os.environ) - set(GIVEN):
        del os.environ[name]
    del sys.frozen, sys._MEIPASS  # type: ignore[attr-defined]
    solo.main() if sys.argv[1] == "solo" else child.main()


if __name__ == "__main__":
    main()
