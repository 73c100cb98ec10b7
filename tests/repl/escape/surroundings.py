"""What there is to steal, to spoil and to talk to around a REPL, and whether it is as it was."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import stat
import tempfile
from pathlib import Path

SECRET = "what nobody may read"
VARIABLE = "RLM_DESKTOP_KEY_SUITE"


class Surroundings:
    """A home folder with keys, a store, a document, and servers on every kind of socket.

    Args:
        folder: An empty folder to make them in.

    Attributes:
        names: What attempts may name, by name: paths, ports, and process ids.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held = contextlib.ExitStack()
        elsewhere = self._held.enter_context(tempfile.TemporaryDirectory())
        self._elsewhere = Path(elsewhere) / "file"
        self._elsewhere.write_text(SECRET)
        home = folder / "home"
        for name in (".ssh/id_ed25519", ".netrc", "keys.toml", "store.sqlite", "document.txt", "bin/tool"):
            file = home / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(SECRET)
            file.chmod(0o700 if name.startswith("bin/") else 0o600)
        os.environ[VARIABLE] = SECRET
        document = self._held.enter_context((home / "document.txt").open("r+"))
        os.set_inheritable(document.fileno(), True)
        abstract = f"\0rlm-escape-{secrets.token_hex(8)}"
        self._streams = [
            self._bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            self._bound(socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "stream")),
            self._bound(socket.AF_UNIX, socket.SOCK_STREAM, abstract),
        ]
        self._datagrams = [
            self._bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            self._bound(socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "datagrams")),
        ]
        self.names: dict[str, object] = {
            "folder": str(folder),
            "home": str(home),
            "secret": str(home / "document.txt"),
            "key": str(home / ".ssh/id_ed25519"),
            "keys": str(home / "keys.toml"),
            "store": str(home / "store.sqlite"),
            "tool": str(home / "bin/tool"),
            "tcp": self._streams[0].getsockname()[1],
            "udp": self._datagrams[0].getsockname()[1],
            "stream": str(folder / "stream"),
            "datagrams": str(folder / "datagrams"),
            "abstract": abstract,
            "host": os.getpid(),
            "program": __file__,
            "other": str(self._elsewhere),
        }
        self._before = self._files()

    def _bound(self, family: int, kind: int, address: object) -> socket.socket:
        bound = self._held.enter_context(socket.socket(family, kind))
        bound.setblocking(False)
        bound.set_inheritable(True)
        bound.bind(address)  # type: ignore[arg-type]
        if kind == socket.SOCK_STREAM:
            bound.listen()
        return bound

    def _files(self) -> dict[str, tuple[object, ...]]:
        found: dict[str, tuple[object, ...]] = {}
        for path in sorted(self._folder.rglob("*")):
            known = path.lstat()
            content = path.read_bytes() if stat.S_ISREG(known.st_mode) else b""
            times = known.st_mtime_ns if content else 0
            found[str(path)] = (known.st_mode, known.st_uid, known.st_nlink, times, content)
        return found

    def complaints(self) -> list[str]:
        """What is not as it was; empty when nothing was touched and nobody called."""
        now = self._files()
        paths = self._before.keys() | now.keys()
        changed = [f"{path} changed" for path in paths if self._before.get(path) != now.get(path)]
        for server in self._streams:
            with contextlib.suppress(BlockingIOError):
                server.accept()[0].close()
                changed.append(f"somebody called {server.getsockname()}")
        for receiver in self._datagrams:
            with contextlib.suppress(BlockingIOError):
                changed.append(f"{receiver.getsockname()} received {receiver.recv(100)!r}")
        return changed

    def close(self) -> None:
        """Close the sockets and forget the key."""
        self._held.close()
        os.environ.pop(VARIABLE, None)
