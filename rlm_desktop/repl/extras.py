"""Packages that cells may import though the interpreter runs without ``site-packages``; standard library only."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from types import ModuleType

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Where libraries of linear algebra read how many threads to start. A process with threads of theirs cannot be forked
whole, and each would take room from the cell's address space."""


class Extras:
    """Finds the packages in these folders and no other that lies beside them.

    Args:
        folders: Of the packages; others, as those of libraries, do no harm.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = {os.path.basename(folder): folder for folder in folders}  # noqa: PTH119

    @property
    def packages(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(name for name in self._folders if name.isidentifier())

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a package is; its modules are found from there as usual."""
        folder = self._folders.get(name)
        if folder is None:
            return None
        os.environ.update(dict.fromkeys(_THREADS, "1"))
        return spec_from_file_location(
            name,
            os.path.join(folder, "__init__.py"),  # noqa: PTH118
            submodule_search_locations=[folder],
        )


def shared() -> tuple[str, ...]:
    """Names of the packages that cells may import."""
    return tuple(name for finder in sys.meta_path if isinstance(finder, Extras) for name in finder.packages)


def install(folders: Sequence[str]) -> None:
    """Let cells import the packages in these folders."""
    sys.meta_path.append(Extras(folders))
