import hashlib
from pathlib import Path

from rlm_desktop.models.hashes import MANIFEST, Hashes


def test_a_file_is_hashed_once_until_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(b"one")
    reads: list[int] = []
    hashes = Hashes(tmp_path)
    assert hashes.sha256(file, reads.append) == hashlib.sha256(b"one").hexdigest()
    assert Hashes(tmp_path).sha256(file, reads.append) == hashlib.sha256(b"one").hexdigest()
    assert reads == [3]
    file.write_bytes(b"three")
    assert hashes.known(file) == ""
    assert hashes.sha256(file, reads.append) == hashlib.sha256(b"three").hexdigest()
    assert reads == [3, 5]


def test_a_damaged_manifest_only_costs_time(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(b"one")
    (tmp_path / MANIFEST).write_text("{")
    assert Hashes(tmp_path).sha256(file) == hashlib.sha256(b"one").hexdigest()


def test_a_forgotten_or_missing_file_is_not_known(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(b"one")
    hashes = Hashes(tmp_path)
    hashes.sha256(file)
    hashes.forget(file)
    assert hashes.noted(file) is None
    hashes.sha256(file)
    file.unlink()
    assert hashes.known(file) == ""
