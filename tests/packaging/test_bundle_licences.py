from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import jinja2
import llama_cpp
import msgspec
import openai
import pytest
from PySide6 import QtCore

import bundle_licences

PACKAGES = {
    "Jinja2": jinja2,
    "PySide6_Essentials": QtCore,
    "llama_cpp_python": llama_cpp,
    "msgspec": msgspec,
    "openai": openai,
}


def source(module: object) -> Path:
    return Path(str(module.__file__))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "licences"


def test_each_package_brings_its_texts(folder: Path) -> None:
    assert bundle_licences.write(folder, map(source, PACKAGES.values())) == []
    for name in PACKAGES:
        (place,) = folder.glob(f"{name}-*")
        assert all(path.stat().st_size > 500 for path in place.rglob("*") if path.is_file())
    listed = (folder / "README.txt").read_text("utf-8")
    assert "Jinja2 3." in listed and "BSD" in listed.partition("Jinja2")[2].partition("\n")[0]
    assert f"Python {sys.version.split()[0]}" in listed


def test_what_a_wheel_lacks_is_added(folder: Path) -> None:
    bundle_licences.write(folder, [source(QtCore), source(llama_cpp)])
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in next(folder.glob("PySide6*/LGPL*")).read_text("utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in next(folder.glob("PySide6*/GPL*")).read_text("utf-8")
    assert "The ggml authors" in next(folder.glob("llama_cpp_python-*/llama.cpp.txt")).read_text("utf-8")


def test_the_interpreters_own_files_need_nothing_more(folder: Path) -> None:
    standard = Path(sysconfig.get_path("stdlib"))
    assert (
        bundle_licences.write(folder, [standard / "json" / "__init__.py", Path("build/base_library.zip")])
        == []
    )
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [f"Python-{sys.version.split()[0]}"]


def test_a_library_nobody_knows_is_named(folder: Path, tmp_path: Path) -> None:
    assert bundle_licences.write(folder, [tmp_path / "libodd.so.7"]) == ["libodd.so.7"]
    assert "libodd.so.7" in (folder / "README.txt").read_text("utf-8")


def test_a_systems_library_brings_its_notice_and_the_texts_that_names(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, shared = tmp_path / "doc", tmp_path / "common"
    for place in (documents / "libx1", shared):
        place.mkdir(parents=True)
    (shared / "LGPL-2.1").write_text("the long text")
    (documents / "libx1" / "copyright").write_text(f"See `{shared}/LGPL-2.1'. And {shared}/gone.")
    answers = {"--search": "libx1:amd64: /usr/lib/libx.so.1\n", "--show": "1:2.0-3\n"}
    monkeypatch.setattr(bundle_licences, "DOCUMENTS", documents)
    monkeypatch.setattr(bundle_licences, "SHARED", shared)
    monkeypatch.setattr(bundle_licences, "_ask", lambda *command: answers[command[1]])
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/dpkg-query")
    assert bundle_licences.write(folder, [Path("/usr/lib/libx.so.1")]) == []
    assert (folder / "system" / "licences" / "LGPL-2.1").read_text() == "the long text"
    assert "libx1 1:2.0-3" in (folder / "README.txt").read_text("utf-8")
