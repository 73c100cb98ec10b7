import math
from pathlib import Path

import pytest

from rlm_desktop.models.llama import cgroup
from rlm_desktop.models.llama.cgroup import Room


class Groups:
    """A ``/proc/self`` and the mounted groups it speaks of."""

    def __init__(self, folder: Path) -> None:
        self.proc = folder / "proc"
        self.mounts = folder / "groups of mine"
        self.proc.mkdir()
        self._lines: list[str] = []

    def belongs(self, *lines: str) -> None:
        (self.proc / "cgroup").write_text("\n".join(lines) + "\n")

    def mount(self, name: str, kind: str, options: str, root: str = "/") -> Path:
        folder = self.mounts / name
        folder.mkdir(parents=True)
        place = str(folder).replace(" ", "\\040")
        self._lines.append(f"31 23 0:28 {root} {place} rw,relatime shared:1 - {kind} {kind} {options}")
        (self.proc / "mountinfo").write_text("\n".join(self._lines) + "\n")
        return folder

    def write(self, folder: Path, **files: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text + "\n")


@pytest.fixture
def groups(tmp_path: Path) -> Groups:
    return Groups(tmp_path)


def test_without_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    assert cgroup.cores(tmp_path) == math.inf
    assert cgroup.memory(tmp_path) is None


def test_version_2_the_tightest_group_on_the_way_up_holds(groups: Groups) -> None:
    root = groups.mount("v2", "cgroup2", "rw,nsdelegate")
    groups.belongs("0::/user.slice/job")
    groups.write(root / "user.slice", cpu__max="150000 100000", memory__max="1000", memory__high="900")
    groups.write(root / "user.slice", memory__current="700")
    groups.write(root / "user.slice/job", cpu__max="max 100000", memory__max="max", memory__current="10")
    assert cgroup.cores(groups.proc) == 1.5
    assert cgroup.memory(groups.proc) == Room(900, 200)


def test_pages_of_files_count_as_free(groups: Groups) -> None:
    root = groups.mount("v2", "cgroup2", "rw")
    groups.belongs("0::/")
    groups.write(root, memory__max="1000", memory__current="950")
    groups.write(root, memory__stat="anon 300\nfile 650\ninactive_file 400\nactive_file 200\nshmem 50")
    assert cgroup.memory(groups.proc) == Room(1000, 650)


def test_version_1_has_a_hierarchy_for_each_controller(groups: Groups) -> None:
    cpu = groups.mount("cpu", "cgroup", "rw,cpu,cpuacct")
    memory = groups.mount("memory", "cgroup", "rw,memory")
    groups.belongs("3:cpu,cpuacct:/a/b", "4:memory:/a", "1:name=systemd:/x:y", "0::/")
    groups.write(cpu / "a", cpu__cfs_quota_us="50000", cpu__cfs_period_us="100000")
    groups.write(cpu / "a/b", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    groups.write(memory, memory__limit_in_bytes="9223372036854771712", memory__usage_in_bytes="5000")
    groups.write(memory / "a", memory__limit_in_bytes="2000", memory__usage_in_bytes="1500")
    groups.write(memory / "a", memory__stat="inactive_file 1\ntotal_inactive_file 300\ntotal_active_file 100")
    assert cgroup.cores(groups.proc) == 0.5
    assert cgroup.memory(groups.proc) == Room(2000, 900)


@pytest.mark.parametrize("path", ["/docker/abc/app", "/docker/abc"])
def test_a_container_sees_its_own_group_mounted(groups: Groups, path: str) -> None:
    root = groups.mount("memory", "cgroup", "rw,memory", root="/docker/abc")
    groups.belongs(f"4:memory:{path}")
    groups.write(root, memory__limit_in_bytes="2000", memory__usage_in_bytes="500")
    groups.write(root / "app", memory__limit_in_bytes="1800", memory__usage_in_bytes="0")
    assert cgroup.memory(groups.proc) == Room(1800 if path.endswith("app") else 2000, 1500)


@pytest.mark.parametrize("path", ["/../../elsewhere", "/gone", "/docker/abcdef"])
def test_a_group_that_cannot_be_seen_leaves_the_mounted_one(groups: Groups, path: str) -> None:
    root = groups.mount("v2", "cgroup2", "rw", root="/docker/abc")
    groups.belongs(f"0::{path}")
    groups.write(root, cpu__max="200000 100000")
    assert cgroup.cores(groups.proc) == 2.0


@pytest.mark.parametrize("text", ["", "max", "abc 100000", "0 100000", "-1 100000", "100000 0", "100000"])
def test_what_is_no_quota_limits_nothing(groups: Groups, text: str) -> None:
    root = groups.mount("v2", "cgroup2", "rw")
    groups.belongs("0::/")
    groups.write(root, cpu__max=text)
    assert cgroup.cores(groups.proc) == math.inf


@pytest.mark.parametrize("text", ["", "max", "abc"])
def test_what_is_no_limit_limits_nothing(groups: Groups, text: str) -> None:
    root = groups.mount("v2", "cgroup2", "rw")
    groups.belongs("0::/")
    groups.write(root, memory__max=text, memory__current="5")
    assert cgroup.memory(groups.proc) is None
