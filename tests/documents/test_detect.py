from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.documents.corpus import scan_paths
from rlm_desktop.documents.detect import SAMPLE, NotTextError, Samples, encoding_of
from rlm_desktop.documents.text import read_text, text_chunks

GERMAN = "Die Größe der Straße überrascht, sagt Frau Müller; schöne Grüße aus Köln. " * 4
RUSSIAN = "В начале сотворил Бог небо и землю. Земля же была безвидна и пуста. " * 4
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 4


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain", "ascii"),
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (GERMAN, "utf-32"),
        (GERMAN, "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
    ],
)
def test_text_survives_its_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    (document,) = scan_paths([path]).documents
    assert read_text(document) == text
    assert "".join(text_chunks(document)) == text


def test_newlines_and_broken_bytes_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("é".encode() * 100 + b"a\r\nb\rc\n\xff")
    (document,) = scan_paths([path]).documents
    assert read_text(document) == "é" * 100 + "a\r\nb\rc\n\ufffd"


@given(st.text(st.characters(min_codepoint=0x80, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40))
def test_utf8_cut_anywhere_is_utf8(text: str) -> None:
    data = text.encode() * 8
    for cut in range(min(4, len(data))):
        samples = Samples(data[: len(data) - cut], data[cut : len(data) - cut], data[cut:])
        assert encoding_of(samples) == "utf-8"


def test_a_huge_file_is_judged_by_its_samples(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:  # a sparse hole of NUL bytes right in the middle
        file.write(b"text\n" * SAMPLE)
        file.truncate(100 * 1024 * 1024)
        file.seek(0, 2)
        file.write(b"text\n" * SAMPLE)
    with pytest.raises(Exception, match="binary"):
        scan_paths([path])


def test_binary_is_named() -> None:
    with pytest.raises(NotTextError, match="GGUF model"):
        encoding_of(Samples(b"GGUF\x03\x00\x00"))
