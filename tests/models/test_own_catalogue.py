"""The person's own catalogue is changed by the program and stays the person's."""

import errno
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models import own_catalogue
from rlm_desktop.models.own_catalogue import drop_table, put_table

WRITTEN = (
    """# My models.
[mine]  # a good one
title = "Mine"
chat_template = """
    + "'''"
    + """
[other]
{{ not a table }}
"""
    + "'''"
    + """

[mine.source]
kind = "file"
path = "/m.gguf"

# The other one.
[other]
title = "Other"
"""
)


@pytest.fixture
def file(settings: Settings) -> Path:
    return settings.home / "models.toml"


def test_a_table_is_put_at_the_end_and_the_rest_stays_as_it_was_written(
    settings: Settings, file: Path
) -> None:
    file.write_text(WRITTEN)
    put_table(settings, ("mine", "settings"), {"threads": 2, "temperature": 0.5})
    put_table(settings, ("mine", "settings"), {"threads": 4})
    assert file.read_text() == WRITTEN + "\n[mine.settings]\nthreads = 4\n"
    drop_table(settings, ("mine", "settings"))
    assert file.read_text().rstrip() == WRITTEN.rstrip()


def test_a_table_is_taken_out_with_those_inside_it_and_the_comments_of_the_next_stay(
    settings: Settings, file: Path
) -> None:
    file.write_text(WRITTEN)
    drop_table(settings, ("mine",))
    assert file.read_text().split() == '# My models. # The other one. [other] title = "Other"'.split()


def test_a_file_is_made_when_there_is_something_to_keep(settings: Settings, file: Path) -> None:
    drop_table(settings, ("mine",))
    assert not file.exists()
    put_table(
        settings, ("a b",), {"source": {"kind": "file", "path": "/ä\u007f\\\n"}, "on": True, "list": ["x"]}
    )
    assert tomllib.loads(file.read_text("utf-8")) == {
        "a b": {"source": {"kind": "file", "path": "/ä\u007f\\\n"}, "on": True, "list": ["x"]}
    }


@pytest.mark.parametrize(
    "text",
    ['mine = { title = "Mine", settings = { threads = 1 } }\n', "[mine]\nsettings.threads = 1\n", "not toml"],
)
def test_a_file_that_cannot_be_changed_safely_is_left_alone(
    settings: Settings, file: Path, text: str
) -> None:
    file.write_text(text)
    with pytest.raises(UserError, match="cannot be changed by the program") as caught:
        put_table(settings, ("mine", "settings"), {"threads": 2})
    assert file.read_text() == text
    assert "text editor" in caught.value.hint
    assert [path.name for path in settings.home.glob("models.toml*")] == ["models.toml"]


def test_a_full_disk_leaves_the_file_as_it_was(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(WRITTEN)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(own_catalogue.os, "fsync", full)
    with pytest.raises(UserError, match=r"models\.toml cannot be written: No space left on device"):
        put_table(settings, ("mine", "settings"), {"threads": 2})
    assert file.read_text() == WRITTEN
    assert [path.name for path in settings.home.glob("models.toml*")] == ["models.toml"]


def test_a_link_stays_one(settings: Settings, file: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.toml"
    target.write_text(WRITTEN)
    file.symlink_to(target)
    drop_table(settings, ("other",))
    assert file.is_symlink()
    assert "other" not in tomllib.loads(target.read_text())


names = st.text(min_size=1, max_size=8).filter(lambda text: "\0" not in text)
values = st.one_of(
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
)


@given(tables=st.dictionaries(names, st.dictionaries(names, values, max_size=3), max_size=4), data=st.data())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_whatever_is_put_is_read_back_and_what_is_dropped_is_gone(
    settings: Settings, file: Path, tables: dict[str, dict[str, Any]], data: st.DataObject
) -> None:
    file.unlink(missing_ok=True)
    for name, table in tables.items():
        put_table(settings, (name,), table)
    assert not tables or tomllib.loads(file.read_text("utf-8")) == tables
    for name in data.draw(st.permutations(list(tables))):
        drop_table(settings, (name,))
        del tables[name]
        assert tomllib.loads(file.read_text("utf-8")) == tables
