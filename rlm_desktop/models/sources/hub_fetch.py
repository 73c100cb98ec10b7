"""The process that downloads one file from the Hugging Face hub: ``REPO FILE REVISION FOLDER``.

Prints ``Progress N of M`` lines and at the end ``Stated SHA256 SIZE``; a failure is an ``ERROR:`` line
and exit code 1.
"""

from __future__ import annotations

import fnmatch
import re
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from huggingface_hub import get_hf_file_metadata, hf_hub_url, list_repo_files
from huggingface_hub.file_download import http_get
from huggingface_hub.utils._headers import build_hf_headers

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ProgressLines:
    """Prints what a progress bar would draw; satisfies what `http_get` asks of a ``tqdm_class``.

    `http_get` announces each piece (10 MB) before it writes it, so what is printed lags one piece behind:
    a download that is cut off has kept what it said it had.
    """

    def __init__(self, *, total: int | None = None, initial: int = 0, **_ignored: object) -> None:
        self._total, self._done = total or 0, initial

    def __enter__(self) -> Self:
        self._tell()  # the server has answered
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tell()

    def update(self, count: int) -> None:
        """So many bytes more (or, starting anew, fewer) are there."""
        self._tell()
        self._done += count

    def _tell(self) -> None:
        print(f"Progress {self._done} of {self._total}", flush=True)  # noqa: T201 - the protocol


def fetch(repo: str, pattern: str, revision: str, folder: Path) -> tuple[str, int]:
    """Download what is missing of a file into ``folder/HASH.bin``.

    Returns:
        The SHA-256 the hub states (``-`` if none), and the size in bytes.
    """
    url = hf_hub_url(repo, _one_file(repo, pattern, revision), revision=revision)
    metadata = get_hf_file_metadata(url)
    stated = metadata.etag if metadata.etag and _SHA256.fullmatch(metadata.etag) else ""
    target = folder / f"{stated or 'unnamed'}.bin"
    for other in folder.glob("*.bin"):
        if other != target:  # the file changed on the hub
            other.unlink()
    with target.open("ab" if stated else "wb") as file:
        http_get(
            url,
            file,
            resume_size=file.tell(),
            headers=build_hf_headers(),
            expected_size=metadata.size,
            tqdm_class=ProgressLines,  # duck-typed
        )
        return stated or "-", file.tell()


def _one_file(repo: str, pattern: str, revision: str) -> str:
    if "*" not in pattern:
        return pattern
    names = list_repo_files(repo, revision=revision)
    found = [name for name in names if fnmatch.fnmatch(name.lower(), pattern.lower())]
    if len(found) != 1:
        raise LookupError(f"{repo} has {len(found)} files named {pattern} instead of one")
    return found[0]


def main() -> int:
    """Fetch what the command line names."""
    repo, pattern, revision, folder = sys.argv[1:]
    try:
        sha256, size = fetch(repo, pattern, revision, Path(folder))
    except Exception as error:  # the boundary of a process: every failure becomes its last line
        said = " ".join(str(error).split()) or type(error).__name__
        print(f"ERROR: {said}", flush=True)  # noqa: T201 - the protocol
        return 1
    print(f"Stated {sha256} {size}", flush=True)  # noqa: T201 - the protocol
    return 0


if __name__ == "__main__":
    sys.exit(main())
