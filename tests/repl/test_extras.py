"""numpy, and nothing else that is installed, in real children."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import pytest

from rlm_desktop.repl import packages, zygote
from rlm_desktop.repl.packages import shared_packages
from tests.repl.conftest import Run, Start, execute
from tests.repl.processes import descendants


def test_the_folders_are_found_without_importing() -> None:
    package, *libraries = shared_packages()
    assert (package / "__init__.py").is_file()
    assert package.name == "numpy"
    assert all(folder.name == "numpy.libs" for folder in libraries)


def test_there_are_none_in_a_bundle_or_where_numpy_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "SHARED", "no_such_package")
    assert shared_packages() == ()
    monkeypatch.setattr(packages, "bundled", lambda: True)
    monkeypatch.setattr(packages, "SHARED", "numpy")
    assert shared_packages() == ()


async def test_numpy_works(run: Run) -> None:
    result = await run(
        "import numpy as np\n"
        "a = np.arange(9.0).reshape(3, 3) + 10 * np.eye(3)\n"
        "assert np.allclose(np.linalg.inv(a) @ a, np.eye(3)) and np.linalg.svd(a)[1].size == 3\n"
        "assert np.allclose(np.fft.ifft(np.fft.fft(a)).real, a)\n"
        "generator = np.random.default_rng()\n"
        "assert generator.random(1000).mean() > 0 and np.random.rand(3).shape == (3,)\n"
        "big = np.ones((600, 600), np.float32)\n"
        "assert (big @ big)[0, 0] == 600\n"
        "np.save('a.npy', a)\n"
        "assert (np.load('a.npy') == a).all() and (np.load('a.npy', mmap_mode='r') == a).all()\n"
        "assert (np.sort(generator.integers(0, 9, 10**6)) <= 8).all()\n"
        "x = np.zeros(3)\nx"
    )
    assert (result.status, result.output) == ("ok", "array([0., 0., 0.])\n"), result.traceback
    assert result.variables["x"] == "ndarray: array([0., 0., 0.])"
    assert result.threads == 0


async def test_numpy_costs_no_checkpoint_and_comes_back_after_a_crash(run: Run) -> None:
    assert (await run("import os, numpy as np\nx = np.ones(5)\n(x @ x)")).output.endswith("5.0)\n")
    died = await run("x += 1\nos._exit(3)")
    assert died.restored
    after = await run("float(x.sum())")
    assert after.output == "5.0\n"
    assert after.checkpoint


async def test_its_libraries_start_no_threads_even_when_told_to(run: Run) -> None:
    result = await run(
        "import os\nos.environ['OPENBLAS_NUM_THREADS'] = '8'\nimport numpy as np\n"
        "a = np.ones((700, 700))\nfor _ in range(3): a = a @ a / 700\n"
        "os.environ['OPENBLAS_NUM_THREADS']"
    )
    assert result.output == "'1'\n", result.traceback
    counts = []
    for pid in descendants(os.getpid()):
        with contextlib.suppress(FileNotFoundError):  # a checkpoint on its way out
            status = Path(f"/proc/{pid}/status").read_text()
            counts += re.findall(r"^Threads:\s+(\d+)$", status, re.MULTILINE)
    assert len(counts) >= 2 and set(counts) == {"1"}


async def test_nothing_else_is_there(run: Run) -> None:
    for name in ("msgspec", "PySide6", "pip", "numpy_like"):
        result = await run(f"import {name}")
        assert result.error == f"ModuleNotFoundError: No module named '{name}'"
    assert (await run("import sys\n[path for path in sys.path if 'site-packages' in path]")).output == "[]\n"


async def test_where_it_is_not_installed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zygote, "shared_packages", lambda: ())
    result = await execute(await start(), "import numpy")
    assert result.error == "ModuleNotFoundError: No module named 'numpy'"


async def test_its_folders_cannot_be_written_to(run: Run) -> None:
    folder = Path(shared_packages()[0])
    result = await run(f"open({str(folder / 'added.py')!r}, 'w')")
    assert result.status == "error"
    assert not (folder / "added.py").exists()


async def test_where_cells_are_run_again_instead_of_forked_it_is_there_too(start: Start) -> None:
    repl = await start(level="none", fork=False, allow_unconfined=True)
    assert (await execute(repl, "import numpy as np\nfloat(np.ones(3).sum())")).output == "3.0\n"
    assert "No module named 'msgspec'" in (await execute(repl, "import msgspec")).error
