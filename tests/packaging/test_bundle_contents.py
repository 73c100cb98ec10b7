from __future__ import annotations

import sys
from pathlib import Path

import pytest

import bundle_contents as contents

EXTENSION, BINARY, DATA, SYMLINK = "EXTENSION", "BINARY", "DATA", "SYMLINK"
WINDOW = ("PySide6/QtGui.abi3.so", "/site/QtGui.so", EXTENSION)


def test_the_whole_standard_library_is_taken_but_for_what_is_named() -> None:
    places = {place for _path, place in contents.standard_library()}
    modules = {place.parts[0].partition(".")[0] for place in places}
    for source, place in contents.standard_library():
        assert source.is_file()
        assert not {"test", "tests", "site-packages", "__pycache__", *contents.LEFT_OUT} & set(place.parts)
    compiled = {Path(path).name.partition(".")[0] for path, _folder in contents.extension_modules()}
    available = modules | compiled | set(sys.builtin_module_names)
    elsewhere = {
        "_dbm",
        "_gdbm",
        "_msi",
        "_overlapped",
        "_scproxy",
        "_winapi",
        "msilib",
        "msvcrt",
        "nt",
        "winreg",
    }
    missing = {name for name in sys.stdlib_module_names - available if not name.startswith("_")}
    assert missing <= contents.LEFT_OUT | elsewhere | {"winsound"}


@pytest.mark.parametrize(
    "name", ["encodings/shift_jis.py", "unittest/mock.py", "json/__init__.py", "xml/etree/ElementTree.py"]
)
def test_packages_are_whole(name: str) -> None:
    assert Path(name) in {place for _path, place in contents.standard_library()}


def test_every_resource_but_the_readmes_pictures_is_taken() -> None:
    places = dict(contents.shared_files())
    assert places[str(contents.ROOT / "models.toml")] == "rlm_desktop/_shared"
    assert places[str(contents.ROOT / "resources" / "icons")] == "rlm_desktop/_shared/resources/icons"
    assert not any("pictures" in path for path in places)


def needs(**of: list[str]):
    """Who asks for which libraries, by the name of the binary without its suffixes."""
    return lambda path: of.get(Path(path).name.partition(".")[0], [])


def test_libraries_that_only_an_unused_part_needed_are_left() -> None:
    plugin = ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", "/site/libqgtk3.so", BINARY)
    gtk, shared, deep = (
        (f"{name}.so.1", f"/usr/lib/{name}.so.1", BINARY) for name in ("libgtk", "libX", "libxcb")
    )
    asked = needs(
        libqgtk3=["libgtk.so.1", "libX.so.1"], QtGui=["libX.so.1", "libc.so.6"], libX=["libxcb.so.1"]
    )
    assert contents.used([WINDOW, plugin, gtk, shared, deep], asked) == [WINDOW, shared, deep]


def test_libraries_in_a_circle_end() -> None:
    a, b = (("liba.so", "/liba.so", BINARY), ("libb.so", "/libb.so", BINARY))
    asked = needs(QtGui=["liba.so"], liba=["libb.so"], libb=["liba.so"])
    assert contents.used([WINDOW, a, b], asked) == [WINDOW, a, b]


def test_a_link_goes_with_what_it_points_to() -> None:
    target = ("PySide6/Qt/lib/libQt6Gui.so.6", "/site/libQt6Gui.so.6", BINARY)
    link = ("libQt6Gui.so.6", "PySide6/Qt/lib/libQt6Gui.so.6", SYMLINK)
    inside = ("a/b/libQt6Gui.so.6", "../../PySide6/Qt/lib/libQt6Gui.so.6", SYMLINK)
    assert contents.used([target, link, inside, WINDOW], needs()) == [WINDOW]
    kept = contents.used([target, link, inside, WINDOW], needs(QtGui=["libQt6Gui.so.6"]))
    assert kept == [target, link, inside, WINDOW]


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
        ("PySide6/Qt/plugins/platforms/libqwayland.so", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", False),
        ("PySide6/Qt/plugins/imageformats/libqsvg.so", True),
        ("PySide6/Qt/qml/QtQuick/libqtquick2plugin.so", False),
        ("PySide6/Qt/translations/qt_de.qm", False),
        ("llama_cpp/lib/libllama.so", True),
        ("llama_cpp/lib/libggml-cpu.so.0", True),
        ("llama_cpp/lib/libggml-cpu.so.0.25.3", False),
        ("rlm_desktop/engine/prompts/find.md", True),
    ],
)
def test_what_is_of_use(place: str, kept: bool) -> None:
    entry = (place, f"/from/{place}", DATA)
    assert contents.used([entry], needs()) == [entry] * kept


def test_the_interpreters_library_is_taken_though_nothing_names_it() -> None:
    """The loader opens it itself."""
    entry = ("libpython3.11.so.1.0", "/usr/lib/libpython3.11.so.1.0", BINARY)
    assert contents.used([entry], needs()) == [entry]


def test_what_went_in_is_remembered_but_for_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "SOURCES", tmp_path / "sources.txt")
    link = ("libQtGui.so", "PySide6/libQtGui.so", SYMLINK)
    contents.remember([WINDOW, link, ("made up", "", DATA), WINDOW])
    assert contents.sources() == [Path("/site/QtGui.so")]
