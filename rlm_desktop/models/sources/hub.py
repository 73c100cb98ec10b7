"""Fetch a model file from the Hugging Face hub, going on where an interrupted download stopped.

``huggingface_hub``'s own `hf_hub_download` starts anew after an interruption since version 2, which is
no way to fetch 18 GB; its `http_get` resumes. It runs in a process of its own (``hub_fetch``), which
honours ``HF_ENDPOINT``, tokens and proxies as every program on that library does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import HubSource
from rlm_desktop.models.sources.fetcher import FetchError, run_fetcher
from rlm_desktop.processes import child_environment, own_command

_STATED = re.compile(r"Stated ([0-9a-f]{64}|-) (\d+)")


def fetched(staging: Path) -> int:
    """Bytes that an earlier download left and that need not be fetched again."""
    return max((file.stat().st_size for file in staging.glob("*.bin")), default=0)


async def fetch(
    source: HubSource, staging: Path, on_bytes: Callable[[int, int, str], None]
) -> tuple[Path, str]:
    """Fetch what is missing.

    Args:
        source: Repository, file and revision.
        staging: Folder that keeps what was fetched, in a file named by its hash.
        on_bytes: Told how many bytes of how many are there, and what is being done.

    Returns:
        The whole file, and the SHA-256 the hub states for it (empty if it states none).

    Raises:
        UserError: It cannot be downloaded; what was fetched is kept.
    """
    which = (source.repo, source.file, source.revision, str(staging))
    command = own_command("rlm_desktop.models.sources.hub_fetch", *which)
    try:
        said = await run_fetcher(
            command,
            lambda received, total: on_bytes(received, total, ""),
            child_environment(HF_HUB_DISABLE_TELEMETRY="1"),
        )
    except FetchError as error:
        raise UserError(
            f"{source.file} of {source.repo} could not be downloaded from the hub: {error.reason}.",
            f"{error.advice}, then try again; what was fetched is kept.",
        ) from error
    stated = next((found for line in reversed(said) if (found := _STATED.fullmatch(line))), None)
    if stated is None:
        raise UserError(f"The hub says nothing about {source.file} of {source.repo}.")
    sha256 = "" if stated[1] == "-" else stated[1]
    return staging / f"{sha256 or 'unnamed'}.bin", sha256
