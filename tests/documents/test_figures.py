from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desktop.documents import text as text_module
from rlm_desktop.documents.corpus import scan_paths
from rlm_desktop.documents.figures import fingerprints, measure
from rlm_desktop.errors import UserError


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.sampled_from("aé漢😀\n\r "), min_size=1, max_size=60), chunk=st.integers(1, 9))
def test_figures_are_those_of_the_decoded_text(
    tmp_path_factory: pytest.TempPathFactory, text: str, chunk: int
) -> None:
    path = tmp_path_factory.mktemp("figures") / "a.txt"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_module, "CHUNK", chunk)
        figures = measure(scan_paths([path]))
    assert figures.characters == len(text)
    assert figures.lines == len(text.split("\n")) - (text.endswith("\n"))
    assert figures.tokens_estimate == -(-len(text) // 4)


def test_fingerprints_are_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfa")
    corpus = scan_paths([path])
    (source,) = fingerprints(corpus)
    assert source.sha256 == hashlib.sha256(b"\xef\xbb\xbfa").hexdigest()
    assert (source.path, source.size, source.mtime) == (str(path), 4, path.stat().st_mtime_ns)
    path.unlink()
    with pytest.raises(UserError, match=r"a\.txt cannot be read any more"):
        fingerprints(corpus)
