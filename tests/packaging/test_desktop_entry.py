from __future__ import annotations

import configparser
import os
import subprocess
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

import desktop_entry

MAIN_CATEGORIES = {
    "AudioVideo",
    "Development",
    "Education",
    "Game",
    "Graphics",
    "Network",
    "Office",
    "Science",
    "Utility",
}


@pytest.fixture
def entry() -> configparser.SectionProxy:
    return read(desktop_entry.ENTRY)


def read(path: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, "utf-8")
    assert parser.sections() == ["Desktop Entry"]
    return parser["Desktop Entry"]


def test_the_menu_entry_has_what_the_specification_asks_for(entry: configparser.SectionProxy) -> None:
    """Desktop Entry Specification 1.5; the identifier is the one the window announces, or its icon is not found."""
    assert (entry["Type"], entry["Version"], entry["Terminal"]) == ("Application", "1.5", "false")
    assert entry["Name"] == "RLM Desktop"
    assert entry["Icon"] == entry["StartupWMClass"] == desktop_entry.ENTRY.stem
    assert entry["Exec"] == "rlm-desktop %F"
    for key in ("Categories", "Keywords", "MimeType"):
        assert entry[key].endswith(";")
    assert set(entry["Categories"].split(";")) & MAIN_CATEGORIES
    assert all(type_.count("/") == 1 for type_ in entry["MimeType"].rstrip(";").split(";"))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a bundle")
    (folder / "rlm-desktop").write_text("#!/bin/sh\necho it runs\n")
    (folder / "rlm-desktop").chmod(0o755)
    desktop_entry.write(folder)
    return folder


@pytest.mark.parametrize("size", desktop_entry.SIZES)
def test_the_icon_in_every_size(bundle: Path, size: int) -> None:
    image = QImage(str(bundle / f"share/icons/hicolor/{size}x{size}/apps/rlm-desktop.png"))
    assert (image.width(), image.height()) == (size, size)
    colours = {image.pixelColor(x, y).name() for x in range(size) for y in range(size)}
    assert len(colours) > 10
    assert image.pixelColor(0, 0).alpha() == 0


def test_the_drawing_stands_alone() -> None:
    drawing = desktop_entry.DRAWING.read_text("utf-8")
    assert "currentColor" not in drawing
    assert "href" not in drawing


def install(bundle: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [bundle / "install.sh", *arguments]
    environment = {"HOME": str(home), "PATH": os.defpath}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)


def test_installing_and_removing(bundle: Path, tmp_path: Path) -> None:
    assert install(bundle, tmp_path).returncode == 0
    assert install(bundle, tmp_path).returncode == 0, "again, as after an update"
    found = read(tmp_path / ".local/share/applications/rlm-desktop.desktop")
    assert found["Exec"] == f'"{bundle}/rlm-desktop" %F'
    assert found["Categories"] == read(desktop_entry.ENTRY)["Categories"]
    command = [tmp_path / ".local/bin/rlm-desktop"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "it runs\n"
    assert (tmp_path / ".local/share/icons/hicolor/48x48/apps/rlm-desktop.png").is_file()
    assert install(bundle, tmp_path, "--remove").returncode == 0
    assert not [path for path in (tmp_path / ".local").rglob("*") if not path.is_dir()]
    assert (bundle / "rlm-desktop").exists()


def test_what_cannot_be_installed_is_said(bundle: Path, tmp_path: Path) -> None:
    refused = install(bundle, tmp_path, "--nonsense")
    assert (refused.returncode, "usage" in refused.stderr) == (2, True)
    odd = tmp_path / "100%"
    odd.mkdir()
    (odd / "install.sh").write_bytes((bundle / "install.sh").read_bytes())
    (odd / "install.sh").chmod(0o755)
    refused = install(odd, tmp_path)
    assert refused.returncode == 1
    assert "100%" in refused.stderr
    assert not (tmp_path / ".local").exists()
