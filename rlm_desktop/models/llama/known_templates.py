"""Which chat template a model is served with: the one a person names, its file's own, or the likeliest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rlm_desktop.config import shared_file

KEY = "tokenizer.chat_template"
"""Where a GGUF file has its template."""


@dataclass(frozen=True)
class Known:
    """A template that ships, in ``resources/templates/chat``.

    Attributes:
        name: What a person calls it.
        told_by: Special token that tells a vocabulary made for it; empty where none does.
        stop: What the model would go on with after its reply.
    """

    name: str
    told_by: str = ""
    stop: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Its Jinja text."""
        return shared_file("resources", "templates", "chat", f"{self.name}.jinja").read_text(encoding="utf-8")


KNOWN = {
    known.name: known
    for known in (
        Known("chatml", "<|im_start|>", stop=("<|im_end|>", "<|im_start|>")),
        Known("llama3", "<|start_header_id|>", stop=("<|eot_id|>", "<|start_header_id|>")),
        Known("gemma", "<start_of_turn>", stop=("<end_of_turn>", "<start_of_turn>")),
        Known("mistral", "[INST]", stop=("[INST]",)),
        Known("plain", stop=("\n### User:", "\n### System:", "\n### Assistant:")),
    )
}
"""Templates by name. Those that tell themselves by a token are looked for in this order."""


@dataclass(frozen=True)
class Chosen:
    """A chat template for a model.

    Attributes:
        source: Its Jinja text.
        stop: Texts that end a reply, besides the model's own tokens.
        remark: What the person should know about the choice; empty if nothing.
    """

    source: str
    stop: tuple[str, ...] = ()
    remark: str = ""


def choose_template(values: Mapping[str, object], override: str, is_special: Callable[[str], bool]) -> Chosen:
    """The template to serve a model with.

    Args:
        values: The header of its file.
        override: A Jinja text or the name of a known template, instead of the file's own; empty for that.
        is_special: Whether a text is one special token of its vocabulary.
    """
    if override in KNOWN:
        return Chosen(KNOWN[override].source, KNOWN[override].stop)
    own = values.get(KEY)
    if source := override.strip() or (own.strip() if isinstance(own, str) else ""):
        return Chosen(source)
    told = (known for known in KNOWN.values() if known.told_by and is_special(known.told_by))
    known = next(told, KNOWN["plain"])
    return Chosen(known.source, known.stop, _remark(known))


def _remark(known: Known) -> str:
    why = f"whose mark {known.told_by} is in its vocabulary" if known.told_by else "in plain words"
    return (
        "The file has no chat template, so this may be a base model, which continues texts rather than answering; "
        f"it is spoken to as {known.name}, {why}. Another template can be named in models.toml."
    )
