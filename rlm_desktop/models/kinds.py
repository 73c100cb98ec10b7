"""Whether a GGUF file holds a model that can be asked, as far as its header tells."""

from __future__ import annotations

from pathlib import Path

from rlm_desktop.errors import UserError
from rlm_desktop.models.gguf import GgufHeader

CHOOSE = "Choose an instruct model."
_MOST_LAYERS = 512
"""llama.cpp ends the process when a file claims more (``LLAMA_MAX_LAYERS``)."""


def check_kind(path: Path, header: GgufHeader) -> None:
    """Refuse, before anything is loaded, what cannot hold a conversation.

    Raises:
        UserError: It is a part of a model, an embedding model, or damaged.
    """
    kind = ""
    if header.values.get("general.type", "model") != "model" or header.architecture == "clip":
        kind = "is a part of a model and not a whole one"
    elif header.values.get(f"{header.architecture}.pooling_type"):
        kind = "is an embedding model, which cannot write"
    elif header.states("block_count") and not 1 <= header.layers <= _MOST_LAYERS:
        kind = f"is damaged: it says that it has {header.layers} layers"
    if kind:
        raise UserError(f"{path} {kind}.", CHOOSE)


def check_whole(path: Path, header: GgufHeader) -> None:
    """Refuse also what has only a header: a vocabulary, one of several pieces, a download that was cut off.

    Raises:
        UserError: Says which of these it is.
    """
    check_kind(path, header)
    pieces = header.values.get("split.count", 1)
    if isinstance(pieces, int) and pieces > 1:
        raise UserError(
            f"{path} is one of the {pieces} pieces of a model.",
            "Put them together with `llama-gguf-split --merge`.",
        )
    if not header.architecture or not header.layers or not header.vocabulary:
        raise UserError(f"{path} holds no model that can be asked.", CHOOSE)
    if not all(tensor.size for tensor in header.tensors.values()):
        raise UserError(f"{path} ends before its last weights.", "Copy or download it again.")
