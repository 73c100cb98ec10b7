"""Which layout of the weights is quicker on this processor, measured once for each model file and remembered.

llama.cpp can compute with weights as they lie in the mapped file, or with copies in an order made for the processor.
Which is quicker depends on processor and quantisation: on a Zen 5 with AVX-512 a 1.5B Q4_K_M reads 225 to 250 tokens
a second mapped and 165 from copies, and writes 29 against 38 in one sequence, about 100 in 16 either way.
"""

from __future__ import annotations

import hashlib
import os
from importlib import metadata
from pathlib import Path

import msgspec
import platformdirs

from rlm_desktop.models.llama import hardware
from rlm_desktop.models.llama.options import AUTO

TOGETHER = 16
"""Sequences that write together in the measurement."""
PROMPT, REPLY, ALONE = 400, 36, 4
"""Tokens of a typical sub-call: most of it is reading a passage, and nearly all of its reply is written while others
write too; only the last call of a batch and the turns of the root write alone."""
PREFERENCE = 1.05
"""How many times quicker the mapped file must be than copies, llama.cpp's own choice, for the difference to count."""
TRIES = 3
"""Measurements on a busy computer after which no other is made until it is idle."""
METHOD = 3
"""Changes with the way of measuring, so that what was measured in another is measured again."""
_KEPT = 200


class Speeds(msgspec.Struct, frozen=True):
    """Tokens a second: reading a prompt, writing `TOGETHER` replies together, and writing one alone."""

    prompt: float
    together: float
    alone: float

    @property
    def call(self) -> float:
        """Seconds of a typical sub-call among others."""
        return PROMPT / self.prompt + REPLY / self.together + ALONE / self.alone

    def __str__(self) -> str:
        return (
            f"reads about {_about(self.prompt)} tokens/s, writes {_about(self.alone)}/s, "
            f"{_about(self.together)}/s in {TOGETHER} replies together"
        )


class Race(msgspec.Struct, frozen=True):
    """How layouts did against each other.

    Attributes:
        copies: Speeds with copies of the weights.
        mapped: Speeds with the mapped file; ``None`` if nothing of it would be copied.
        calm: Whether the processor was left to it; otherwise other programs took part of it.
    """

    copies: Speeds
    mapped: Speeds | None
    calm: bool


class Tuning(msgspec.Struct, frozen=True):
    """What was measured.

    Attributes:
        repack: Whether copies of the weights are quicker than the mapped file.
        speeds: Those of the quicker layout.
        tries: How often it was measured while other programs took part of the processor; 0 once they did not.
    """

    repack: bool
    speeds: Speeds
    tries: int = 0

    def final(self, *, idle: bool) -> bool:
        """Whether it need not be measured again now.

        Args:
            idle: Whether the computer has little else to do, so that another measurement is likely to be better.
        """
        return not self.tries or (self.tries >= TRIES and not idle)

    def __str__(self) -> str:
        return f"{self.speeds}{' (measured on a busy computer)' * bool(self.tries)}"


def choose(race: Race, before: Tuning | None = None) -> Tuning:
    """The quicker layout for typical sub-calls.

    Args:
        race: What was measured now.
        before: What was measured last.
    """
    tries = 0 if race.calm else (before.tries if before else 0) + 1
    if race.mapped and race.mapped.call * PREFERENCE < race.copies.call:
        return Tuning(repack=False, speeds=race.mapped, tries=tries)
    return Tuning(repack=True, speeds=race.copies, tries=tries)


def recall(path: Path, file: Path | None = None, *, threads: int = AUTO) -> Tuning | None:
    """What was measured with this model file on this computer, if it was and nothing it depends on has changed.

    Args:
        path: The GGUF file.
        file: Where measurements are kept, if not in the cache folder.
        threads: How many were asked for.
    """
    try:
        return _read(file or cache_file()).get(_key(path, threads))
    except OSError:
        return None


def remember(path: Path, tuning: Tuning, file: Path | None = None, *, threads: int = AUTO) -> None:
    """Keep a measurement; where nothing can be kept it is made again next time."""
    file = file or cache_file()
    try:
        kept = _read(file) | {_key(path, threads): tuning}
        newest = dict(list(kept.items())[-_KEPT:])
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(newest)))
        draft.replace(file)
    except OSError:
        return


def cache_file() -> Path:
    """Where measurements are kept: with this computer and not with the data, which may be carried to another."""
    return Path(platformdirs.user_cache_dir("rlm-desktop", appauthor=False)) / "speeds.json"


def _read(file: Path) -> dict[str, Tuning]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Tuning])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def _key(path: Path, threads: int) -> str:
    """Everything a measurement depends on; raises `OSError` if there is no such file."""
    status = path.stat()
    file = (path.resolve(), status.st_size, status.st_mtime_ns)
    parts = (*file, METHOD, _version(), hardware.processor(), hardware.threads(threads))
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _version() -> str:
    try:
        return metadata.version("llama-cpp-python")
    except metadata.PackageNotFoundError:  # a bundle without it is rebuilt as a whole
        return ""


def _about(speed: float) -> str:
    """A speed to two digits, since it differs by some percent each time."""
    return f"{float(f'{speed:.2g}'):g}" if speed < 1e4 else f"{speed:.0f}"
