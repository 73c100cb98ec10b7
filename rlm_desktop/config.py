"""Where things live on this computer, and the settings every process shares."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from rlm_desktop.errors import UserError

HOME_VARIABLE = "RLM_DESKTOP_HOME"
PACKAGE = Path(__file__).parent
_OWN_NAMES = re.compile(r"store\.(db.*|lock)|window\.ini.*|models(\.toml.*)?|locks|scratch|states")
"""What a data folder holds, with the companion files of SQLite and Qt."""


@dataclass(frozen=True)
class Settings:
    """What one process was told to use.

    Attributes:
        home: The data folder: store, models and locks; readable by its user only (mode 0700).
        online: Whether remote models may be reached. ``None`` when nothing was said: off, unless the window was
            left with its network switch on.
    """

    home: Path
    online: bool | None = None

    @property
    def store(self) -> Path:
        """The SQLite file that holds every run."""
        return self.home / "store.db"

    @property
    def models(self) -> Path:
        """The folder of downloaded GGUF files."""
        return self.home / "models"

    @property
    def locks(self) -> Path:
        """The folder of lock files, one for each living engine."""
        return self.home / "locks"

    @property
    def scratch(self) -> Path:
        """The folder that holds the private scratch folders of running REPL children."""
        return self.home / "scratch"

    @property
    def states(self) -> Path:
        """The folder of KV states of passages that local models have read."""
        return self.home / "states"

    def prepare(self) -> Settings:
        """Create the data folder, private to its user.

        Returns:
            These settings, so that calls can be chained.

        Raises:
            UserError: The folder holds something else, or cannot be created or written.
        """
        try:
            self._take()
            for folder in (self.models, self.locks, self.scratch):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The data folder {self.home} cannot be used: {_reason(error)}.",
                f"Choose another with --data-dir or {HOME_VARIABLE}.",
            ) from error
        return self

    def _take(self) -> None:
        """Make the data folder, or make one that is ours or empty private; leave any other as it is."""
        self.home.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.home.mkdir(mode=0o700)
        except FileExistsError:
            names = {path.name for path in self.home.iterdir()}
            if self.store.name not in names and not all(map(_OWN_NAMES.fullmatch, names)):
                raise UserError(
                    f"The folder {self.home} holds other things than the data of this program.",
                    f"Name a new or empty folder with --data-dir or {HOME_VARIABLE}.",
                ) from None
            if os.name == "posix" and self.home.stat().st_uid == os.getuid():
                self.home.chmod(0o700)


def _reason(error: OSError) -> str:
    """What the system said; of something that is where a folder should be, what it is."""
    if not isinstance(error, FileExistsError | NotADirectoryError):
        return error.strerror or str(error)
    path = Path(error.filename)
    return next(f"{one} is no folder" for one in (path, *path.parents) if os.path.lexists(one))


def data_folder(text: str) -> Path:
    """The absolute path of a data folder as a person writes it.

    Raises:
        ValueError: It names no folder.
    """
    if not text.strip():
        raise ValueError("a folder must be named")
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:  # "~somebody" who is no user of this computer
        raise ValueError(f"{text} is in the home of nobody known here") from error


def default_home() -> Path:
    """The data folder: ``RLM_DESKTOP_HOME`` unless it is empty, or the platform's place for user data.

    Raises:
        UserError: The variable names no folder.
    """
    chosen = os.environ.get(HOME_VARIABLE, "").strip()
    if chosen:
        try:
            return data_folder(chosen)
        except ValueError as error:
            raise UserError(f"{HOME_VARIABLE} cannot be used: {error}.", "Name another folder.") from error
    return Path(platformdirs.user_data_dir("rlm-desktop", appauthor=False))


def shared_file(*parts: str) -> Path:
    """Path of a shipped file (``models.toml`` or something in ``resources``).

    A source checkout has them beside the package, an installed wheel inside it.
    """
    installed = PACKAGE / "_shared"
    root = installed if installed.is_dir() else PACKAGE.parent
    return root.joinpath(*parts)


def machine_locks() -> Path:
    """Folder of the locks this user's processes share whatever their data folder is.

    It is in the cache folder and not in the session's runtime folder, which a job under cron or in a container
    does not have: both must find the same locks. A user without a home that can be written has them in the folder
    of temporary files.
    """
    folder = Path(platformdirs.user_cache_dir("rlm-desktop", appauthor=False)) / "locks"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError
    except OSError:
        user = os.getuid() if os.name == "posix" else 0
        folder = Path(tempfile.gettempdir()) / f"rlm-desktop-locks-{user}"
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder
