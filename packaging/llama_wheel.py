"""Build the llama-cpp-python wheel for this computer's processor, once, and keep it.

The package is published as source only. Compiling takes minutes, so the wheel is kept in the user's cache
folder under a key that names everything it depends on: version, platform, C library, processor and options.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import shutil
import sysconfig
import tempfile
from pathlib import Path

import locks
from commands import Command, CommandError, SetupError, duration, run, say

PACKAGE = "llama-cpp-python"
OPTIONS_FILE = locks.HERE / "llama_cpp_options.cmake"
BUILD_VARIABLES = ("CMAKE_ARGS", "CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "CUDACXX", "CUDAARCHS")
"""What a person may set to build differently (``CMAKE_ARGS=-DGGML_CUDA=on``), part of the key."""


class NinjaProgress:
    """Tells how far a build is from the lines ninja prints (``[12/83] Building …``).

    Args:
        every: Seconds between two reports.
    """

    _STEP = re.compile(r"^\s*\[(\d+)/(\d+)\] ")

    def __init__(self, every: float = 15.0) -> None:
        self.every = every
        self.step = self.steps = 0
        self._started: float | None = None
        self._reported = 0.0

    def __call__(self, line: str, elapsed: float) -> str:
        """The line to show after this line of output (empty: a quiet spell), or nothing."""
        match = self._STEP.match(line)
        if match:
            self.step, self.steps = int(match[1]), int(match[2])
            if self._started is None:
                self._started = elapsed
        if elapsed - self._reported < self.every and not (match and self.step == self.steps):
            return ""
        self._reported = elapsed
        if not self.steps:
            return f"  fetching and configuring, {duration(elapsed)}"
        return f"  step {self.step} of {self.steps}, {duration(elapsed)}{self._left(elapsed)}"

    def _left(self, elapsed: float) -> str:
        """The rest at the speed so far, once a tenth is done; big files come unevenly, hence "about"."""
        if self._started is None or self.step * 10 < self.steps or self.step == self.steps:
            return ""
        left = (elapsed - self._started) / self.step * (self.steps - self.step)
        return f", about {duration(left)} left"


def cpu_features() -> str:
    """The instruction sets of this processor, as the system names them; native code depends on them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    for line in lines:
        name, _, features = line.partition(":")
        if name.strip() in {"flags", "Features"}:
            return " ".join(sorted(features.split()))
    return platform.processor()


def folder() -> Path:
    """Where the wheel for this computer is kept, whether or not it is there yet."""
    version = locks.version(locks.LLAMA, PACKAGE)
    parts = [
        *platform.libc_ver(),
        cpu_features(),
        OPTIONS_FILE.read_text(encoding="utf-8"),
        *(os.environ.get(name, "") for name in BUILD_VARIABLES),
    ]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "rlm-desktop" / "wheels" / f"{version}-{sysconfig.get_platform()}-{digest}"


def kept() -> Path | None:
    """The wheel for this computer, if it was built before."""
    return next(folder().glob("llama_cpp_python-*.whl"), None)


def build(python: Path) -> Path:
    """Compile the wheel with the interpreter's pip, and keep it.

    Raises:
        SetupError: There is no compiler, the source cannot be fetched, or it does not compile.
    """
    _require_compiler()
    home = folder()
    home.mkdir(parents=True, exist_ok=True)
    log = home / "build.log"
    log.unlink(missing_ok=True)
    say(f"Compiling llama.cpp for this processor with {jobs()} cores (once; minutes). Log: {log}")
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        try:
            wheel = _compile(python, Path(scratch), log)
        except CommandError as error:
            raise SetupError(f"{explain(error.lines)} The whole log is {log}.") from error
        return wheel.replace(home / wheel.name)


def _compile(python: Path, scratch: Path, log: Path) -> Path:
    """Fetch the locked tools and source, all checked by hash, and build in an environment of its own."""
    source, tools, out = scratch / "source.txt", scratch / "tools.txt", scratch / "wheel"
    packages = locks.blocks(locks.LLAMA)
    source.write_text(packages.pop(PACKAGE), encoding="utf-8")
    tools.write_text("".join(packages.values()), encoding="utf-8")
    run([python, "-m", "venv", "--without-pip", scratch / "tools"], log=log)
    programs = scratch / "tools" / ("Scripts" if os.name == "nt" else "bin")
    pip: Command = [python, "-m", "pip", "--python", programs / "python"]
    locked: Command = ["--no-deps", "--require-hashes", "--requirement"]
    run([*pip, "install", *locked, tools], log=log)
    options = shlex.join(["-DLLAVA_BUILD=OFF", f"-DCMAKE_PROJECT_INCLUDE={OPTIONS_FILE}"])
    run(
        [
            *pip,
            "wheel",
            *locked,
            source,
            "--no-build-isolation",
            "--no-cache-dir",
            "--verbose",
            "--wheel-dir",
            out,
        ],
        log=log,
        report=NinjaProgress(),
        env={
            "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)]),
            "CMAKE_ARGS": f"{options} {os.environ.get('CMAKE_ARGS', '')}".strip(),
            "CMAKE_BUILD_PARALLEL_LEVEL": str(jobs()),
            "MAKEFLAGS": f"-j{jobs()}",  # the make above must not lend its job server to this build
        },
    )
    (wheel,) = out.glob("*.whl")
    return wheel


def jobs() -> int:
    """Compilations to run at the same time: the cores this process may use."""
    chosen = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL", "")
    if chosen.isdigit():
        return int(chosen)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _require_compiler() -> None:
    wanted = [os.environ["CXX"].split()[0]] if os.environ.get("CXX") else ["c++", "g++", "clang++", "cl"]
    if not any(shutil.which(name) for name in wanted):
        raise SetupError(
            f"No C++ compiler was found (looked for {', '.join(wanted)}). "
            "Install one (Debian and Ubuntu: apt-get install g++; macOS: xcode-select --install)."
        )


def explain(lines: list[str]) -> str:
    """One sentence on why a build failed, from what it printed."""
    text = "\n".join(lines)
    if re.search(r"Killed|out of memory|cannot allocate memory", text, re.IGNORECASE):
        return (
            "llama.cpp could not be compiled because memory ran out; "
            "try again with CMAKE_BUILD_PARALLEL_LEVEL=1 in front of the command."
        )
    if "No space left on device" in text:
        return "llama.cpp could not be compiled because the disk is full; free about 2 GB and try again."
    if re.search(r"NewConnectionError|No matching distribution|Could not find a version|timed out", text):
        return "The source of llama.cpp could not be fetched; check the network connection and try again."
    signs = r"fatal error:|: error:|CMake Error|ninja: error|ERROR:|error:"
    cause = next(
        (line.strip() for line in lines if re.search(signs, line)), lines[-1].strip() if lines else ""
    )
    return f"llama.cpp could not be compiled: {cause.rstrip('.')}."
