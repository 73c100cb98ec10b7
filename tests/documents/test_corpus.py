from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desktop.documents.corpus import Corpus, scan_paths
from rlm_desktop.errors import UserError


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def names(corpus: Corpus) -> list[str]:
    return [document.name for document in corpus.documents]


def reasons(corpus: Corpus, root: Path) -> dict[str, str]:
    return {str(Path(item.path).relative_to(root)): item.reason for item in corpus.skipped}


def test_one_file_is_a_str(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.txt": "naïve\n".encode()}) / "a.txt"
    corpus = scan_paths([path])
    (document,) = corpus.documents
    assert corpus.kind == "str"
    assert corpus.paths == (str(path),)
    assert (document.name, document.path, document.encoding) == ("a.txt", str(path), "utf-8")
    assert document.size == path.stat().st_size
    assert document.mtime == path.stat().st_mtime_ns


def test_a_folder_is_a_list_even_with_one_file(tmp_path: Path) -> None:
    assert scan_paths([write(tmp_path, {"a.txt": b"a"})]).kind == "list"


def test_folders_are_walked_in_order_and_what_is_no_text_is_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "b.txt": b"b",
            "a/z.txt": b"z",
            "a/b.txt": b"b",
            ".git/config": b"x",
            "__pycache__/a.pyc": b"x",
            "venv/pyvenv.cfg": b"x",
            "empty.txt": b"",
            "image.dat": b"\x89PNG\r\n\x1a\n",
            "nul.dat": b"abc\x00\x00def\x00\x01",
            "control.dat": bytes(range(1, 32)) * 3,
        },
    )
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "out").symlink_to("/etc/hostname")
    (tmp_path / "broken").symlink_to(tmp_path / "nothing")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket"))
        corpus = scan_paths([tmp_path])
    assert names(corpus) == ["a/b.txt", "a/z.txt", "b.txt"]
    assert [document.index for document in corpus.documents] == [0, 1, 2]
    assert reasons(corpus, tmp_path) == {
        ".git": "version control data",
        "__pycache__": "cache",
        "venv": "virtual environment",
        "empty.txt": "empty",
        "image.dat": "binary (a PNG image)",
        "nul.dat": "binary (NUL bytes)",
        "control.dat": "binary (control characters)",
        "pipe": "not a file but a named pipe",
        "socket": "not a file but a socket",
        "loop": "symbolic link to something already in the folder",
        "out": "symbolic link to outside the folder",
        "broken": "broken symbolic link",
    }


def test_names_that_are_not_unicode_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": b"a"})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_bytes(b"b")
    corpus = scan_paths([tmp_path])
    assert names(corpus) == ["a.txt"]
    assert [item.reason for item in corpus.skipped] == ["its name is not valid UTF-8"]


def test_several_paths_get_names_that_differ(tmp_path: Path) -> None:
    write(tmp_path, {"one/src/a.txt": b"a", "two/src/a.txt": b"a", "c.txt": b"c"})
    corpus = scan_paths([tmp_path / "one/src", tmp_path / "two/src", tmp_path / "c.txt"])
    assert len(set(names(corpus))) == 3
    assert names(corpus)[0] == "one/src/a.txt"
    assert corpus.kind == "list"


def test_a_document_named_twice_is_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": b"a"})
    assert len(scan_paths([tmp_path, tmp_path / "a.txt"]).documents) == 1


@pytest.mark.parametrize(
    ("data", "culprit"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"%PDF-1.7 \x00", "a PDF document"),
        (b"\x00\x01\x02" * 9, "binary"),
    ],
)
def test_a_named_file_that_is_no_text_is_an_error(tmp_path: Path, data: bytes, culprit: str) -> None:
    path = write(tmp_path, {"x": data}) / "x"
    with pytest.raises(UserError, match=culprit) as caught:
        scan_paths([path])
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_missing_path_and_folder_without_text_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no file or folder .*missing"):
        scan_paths([tmp_path / "missing"])
    with pytest.raises(UserError, match=r"no text in .*it is empty"):
        scan_paths([tmp_path])
    write(tmp_path, {"a": b"", "b": b""})
    with pytest.raises(UserError, match="left out 2 empty"):
        scan_paths([tmp_path])


def test_what_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the refusal is played."""
    write(tmp_path, {"a.txt": b"a", "b.txt": b"b"})
    real = os.open

    def refuse(path: Path, flags: int) -> int:
        if Path(path).name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    corpus = scan_paths([tmp_path])
    assert names(corpus) == ["b.txt"]
    assert reasons(corpus, tmp_path) == {"a.txt": "cannot be read: permission denied"}
    with pytest.raises(UserError, match=r"a\.txt may not be read by you"):
        scan_paths([tmp_path / "a.txt"])


RULES = st.sampled_from(
    [
        "*.log",
        "!keep.log",
        "/a.txt",
        "sub/",
        "sub/*.txt",
        "**/deep",
        "!sub/b.txt",
        "b.*",
        "# note",
        "*.tx?",
        "/sub/deep/*",
    ]
)
FILES = [
    "a.txt",
    "b.txt",
    "keep.log",
    "x.log",
    "sub/a.txt",
    "sub/b.txt",
    "sub/x.log",
    "sub/deep/a.txt",
    "sub/deep/b.md",
]


@settings(max_examples=40, deadline=None)
@given(top=st.lists(RULES, max_size=4), below=st.lists(RULES, max_size=3))
def test_gitignore_is_read_as_git_reads_it(
    tmp_path_factory: pytest.TempPathFactory, top: list[str], below: list[str]
) -> None:
    folder = write(tmp_path_factory.mktemp("repo"), dict.fromkeys(FILES, b"text"))
    (folder / ".gitignore").write_text("\n".join(top) + "\n")
    (folder / "sub/.gitignore").write_text("\n".join(below) + "\n")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert sorted(names(scan_paths([folder]))) == sorted(listed)


def test_rules_of_the_repository_around_the_opened_folder_hold(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": b"x", ".gitignore": b"*.log\n", "sub/a.txt": b"a", "sub/a.log": b"a"})
    assert names(scan_paths([tmp_path / "sub"])) == ["a.txt"]


def test_an_ignored_folder_that_is_opened_is_read(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": b"x", ".gitignore": b"build/\n", "build/a.txt": b"a"})
    assert names(scan_paths([tmp_path / "build"])) == ["a.txt"]
