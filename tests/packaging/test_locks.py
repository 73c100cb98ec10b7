from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import locks

PROJECT = tomllib.loads((locks.HERE.parent / "pyproject.toml").read_text())["project"]
BOTH = [locks.REQUIREMENTS, locks.LLAMA]


def test_a_block_reaches_to_the_next_package(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    lock.write_text(
        "# a comment\n"
        "numpy==1.0 ; python_version < '3.12' \\\n    --hash=sha256:aa\n    # via x\n"
        "numpy==2.0 ; python_version >= '3.12' \\\n    --hash=sha256:bb\n"
        "pip==26.0 \\\n    --hash=sha256:cc\n"
    )
    found = locks.blocks(lock)
    assert list(found) == ["numpy", "pip"]
    assert found["pip"] == "pip==26.0 \\\n    --hash=sha256:cc\n"
    assert [word in found["numpy"] for word in ("aa", "bb", "cc")] == [True, True, False]
    assert locks.version(lock, "pip") == "26.0"


@pytest.mark.parametrize("lock", BOTH)
def test_every_locked_package_has_a_hash_and_no_host(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "-index" not in text.replace("--index-strategy", "")
    for name, block in locks.blocks(lock).items():
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), name


@pytest.mark.parametrize("group", ["dependencies", "dev"])
def test_the_lock_satisfies_what_the_project_asks_for(group: str) -> None:
    asked = PROJECT["dependencies"] if group == "dependencies" else PROJECT["optional-dependencies"]["dev"]
    for line in asked:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        lock = locks.LLAMA if name == "llama-cpp-python" else locks.REQUIREMENTS
        assert locks.version(lock, name) in requirement.specifier, line


def test_the_build_backend_is_locked_too() -> None:
    assert {"hatchling", "editables", "pip"} <= set(locks.blocks(locks.REQUIREMENTS))
    assert {"scikit-build-core", "cmake", "ninja"} <= set(locks.blocks(locks.LLAMA))
