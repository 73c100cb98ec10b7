from __future__ import annotations

from pathlib import Path
from types import ModuleType

import bundle_repl
from rlm_desktop.repl import piped, zygote


def test_packages_of_the_loaders_archive_continue_among_the_files(tmp_path: Path) -> None:
    (tmp_path / "collections").mkdir()
    (tmp_path / "email" / "mime").mkdir(parents=True)
    modules = {name: ModuleType(name) for name in ("collections", "email.mime", "rlm_desktop", "os")}
    for name in ("collections", "email.mime", "rlm_desktop"):
        modules[name].__path__ = ["archive.zip/" + name]
    bundle_repl.settle(modules, str(tmp_path))
    assert modules["collections"].__path__ == [str(tmp_path / "collections")]
    assert modules["email.mime"].__path__ == [str(tmp_path / "email" / "mime")]
    assert modules["rlm_desktop"].__path__ == ["archive.zip/rlm_desktop"]
    assert not hasattr(modules["os"], "__path__")


def test_cells_see_the_variables_the_host_gave_and_no_other() -> None:
    given = {*zygote.ENVIRONMENT, *piped.ENVIRONMENT, "HOME", "TMPDIR"}
    assert given == set(bundle_repl.GIVEN)
