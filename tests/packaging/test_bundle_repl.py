from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import bundle_repl
from rlm_desktop.repl import launch


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
    tree = ast.parse(Path(launch.__file__).read_text("utf-8"))
    (given,) = (word.value for word in ast.walk(tree) if isinstance(word, ast.keyword) and word.arg == "env")
    assert isinstance(given, ast.Dict)
    assert tuple(key.value for key in given.keys if isinstance(key, ast.Constant)) == bundle_repl.GIVEN
