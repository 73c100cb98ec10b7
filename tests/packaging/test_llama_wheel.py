from __future__ import annotations

from pathlib import Path

import pytest

import llama_wheel
from commands import SetupError
from llama_wheel import NinjaProgress, explain

# What `pip wheel --verbose` printed while it built 0.3.36, cut to a few of its lines, with the second of each.
CAPTURED = [
    (0.4, "Collecting llama-cpp-python==0.3.36 (from -r source.txt (line 1))"),
    (2.1, "  Downloading llama_cpp_python-0.3.36.tar.gz (76.6 MB)"),
    (9.0, "  *** scikit-build-core 1.1.2 using CMake 4.4.4 (metadata_wheel)"),
    (10.5, "  -- Adding CPU backend variant ggml-cpu: -march=native"),
    (12.0, "  *** Building project with Ninja..."),
    (
        12.9,
        "  [1/83] /usr/bin/g++ -DGGML_BUILD -DGGML_SCHED_MAX_COPIES=4 -o ggml-threading.cpp.o -c ggml-threading.cpp",
    ),
    (15.2, "  [2/83] /usr/bin/gcc -DGGML_BUILD -DGGML_SHARED -o ggml-alloc.c.o -c ggml-alloc.c"),
    (16.0, "  ggml-quants.c: In function 'quantize': [12/99] is no step"),
    (31.5, "  [11/83] : && /usr/bin/g++ -fPIC -O3 -shared -o bin/libggml-base.so.0.25.3"),
    (58.0, ""),
    (60.0, "  [42/83] /usr/bin/g++ -DGGML_BACKEND_BUILD -o repack.cpp.o -c repack.cpp"),
    (61.0, "  [82/83] /usr/bin/g++ -o bin/libllama.so.0.5.0"),
    (
        61.5,
        "  [83/83] cmake -E cmake_symlink_library bin/libllama.so.0.5.0 bin/libllama.so.0 bin/libllama.so",
    ),
    (62.0, "  *** Installing project into wheel..."),
]


def test_the_progress_of_a_real_build_is_told_now_and_then() -> None:
    progress = NinjaProgress(every=15.0)
    shown = [text for elapsed, line in CAPTURED if (text := progress(line, elapsed))]
    assert shown == [
        "  step 2 of 83, 15 s",
        "  step 11 of 83, 32 s, about 2 min 02 s left",
        "  step 11 of 83, 58 s, about 4 min 55 s left",
        "  step 83 of 83, 1 min 02 s",
    ]


def test_before_the_first_step_it_says_what_takes_so_long() -> None:
    progress = NinjaProgress(every=15.0)
    assert progress("Collecting llama-cpp-python==0.3.36", 1.0) == ""
    assert progress("", 16.0) == "  fetching and configuring, 16 s"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c++: fatal error: Killed signal terminated program cc1plus", "memory ran out"),
        ("fatal error: error writing to /tmp/x.s: No space left on device", "the disk is full"),
        ("ERROR: No matching distribution found for llama-cpp-python==0.3.36", "could not be fetched"),
        (
            "  ggml.c:12:10: fatal error: stdio.h: No such file or directory",
            "compiled: ggml.c:12:10: fatal error: stdio.h",
        ),
        ("  CMake Error at CMakeLists.txt:3 (project):", "compiled: CMake Error at CMakeLists.txt:3"),
    ],
)
def test_a_failed_build_is_explained_in_one_sentence(line: str, said: str) -> None:
    explained = explain(
        ["  [3/83] gcc …", line, "ninja: build stopped: subcommand failed.", "ERROR: Failed building"]
    )
    assert said in explained
    assert "\n" not in explained
    assert explained.endswith(".")


def test_a_silent_failure_is_explained_too() -> None:
    assert explain([]).endswith(".")


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in llama_wheel.BUILD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "rlm-desktop" / "wheels"


def test_the_wheel_is_kept_under_all_it_depends_on(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = llama_wheel.folder()
    assert first.parent == cache
    assert first.name.startswith("0.3.36-")
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=on")
    with_cuda = llama_wheel.folder()
    monkeypatch.setattr(llama_wheel, "cpu_features", lambda: "avx2 sse3")
    assert len({first, with_cuda, llama_wheel.folder()}) == 3


def test_a_kept_wheel_is_found_again(cache: Path) -> None:
    assert llama_wheel.kept() is None
    folder = llama_wheel.folder()
    folder.mkdir(parents=True)
    (folder / "build.log").touch()
    assert llama_wheel.kept() is None
    wheel = folder / "llama_cpp_python-0.3.36-py3-none-linux_x86_64.whl"
    wheel.touch()
    assert llama_wheel.kept() == wheel


def test_without_a_compiler_nothing_is_fetched(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler -O2")
    with pytest.raises(SetupError, match="No C\\+\\+ compiler was found \\(looked for no-such-compiler\\)"):
        llama_wheel.build(Path("python"))
    assert not cache.exists()


def test_the_number_of_jobs_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CMAKE_BUILD_PARALLEL_LEVEL", raising=False)
    assert llama_wheel.jobs() >= 1
    monkeypatch.setenv("CMAKE_BUILD_PARALLEL_LEVEL", "1")
    assert llama_wheel.jobs() == 1
