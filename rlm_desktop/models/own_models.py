"""A person's own GGUF files: listed where they lie, never copied, and taken off the list without being touched."""

from __future__ import annotations

import re
from pathlib import Path

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import LOCAL_CONCURRENCY, Entry, FileSource, Preference
from rlm_desktop.models.catalogue_file import load_catalogue
from rlm_desktop.models.gguf import GgufHeader, read_header
from rlm_desktop.models.kinds import check_whole
from rlm_desktop.models.llama.known_templates import KEY
from rlm_desktop.models.llama.memory import estimate, sequences_for
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.own_catalogue import drop_table, put_table

LARGEST_WINDOW = 16_384
"""Tokens of the window a file of one's own gets unless it is told otherwise: prompts and replies fit, and memory is spared."""
SMALL = 3_000_000_000
"""Weights below which a model reads well but writes no good programs."""
_ODD = re.compile(r"[^\w.+-]+")


def add_file(path: Path, settings: Settings) -> Entry:
    """List a GGUF file in the person's catalogue; one that is listed already is left as it is.

    Args:
        path: The file.
        settings: Whose catalogue.

    Raises:
        UserError: It cannot be read, is no model that can be asked, or the catalogue cannot be written.
    """
    path = path.expanduser().absolute()
    header = read_header(path)
    check_whole(path, header)
    catalogue = load_catalogue(settings)
    for known in catalogue.entries.values():
        if isinstance(known.source, FileSource) and _same(Path(known.source.path), path):
            return known
    entry = entry_of(path, header, _free_name(path, set(catalogue.entries)))
    facts = ("title", "licence", "size", "context_window", "trained_window", "memory", "strategy", "note")
    source = {"kind": "file", "path": str(path)}
    put_table(settings, (entry.name,), {**{fact: getattr(entry, fact) for fact in facts}, "source": source})
    return entry


def drop_file(name: str, settings: Settings) -> None:
    """Take a model that is a file of the person's own off the list, with its settings.

    Raises:
        UserError: It is none, or the catalogue cannot be written.
    """
    catalogue = load_catalogue(settings)
    if name not in catalogue.own:
        raise UserError(
            f"The model {name} is none that you added.", "What came with the program stays listed."
        )
    drop_table(settings, (name,))


def entry_of(path: Path, header: GgufHeader, name: str) -> Entry:
    """What the catalogue says of a file, from its header alone."""
    trained = header.context_length or 4096
    window = min(trained, LARGEST_WINDOW)
    options = Options(context_window=window, concurrency=LOCAL_CONCURRENCY)
    return Entry(
        name=name,
        source=FileSource(str(path)),
        title=str(header.values.get("general.name", "")).strip() or path.stem,
        licence=str(header.values.get("general.license", "")).strip() or "licence not stated",
        size=header.size,
        context_window=window,
        trained_window=trained,
        memory=estimate(header, options, sequences_for(header, LOCAL_CONCURRENCY)).total,
        strategy=strategy_for(header),
        note=_template_note(header),
    )


def strategy_for(header: GgufHeader) -> Preference:
    """What to have a model do with a document that is larger than its window."""
    return "guided" if header.parameters < SMALL else "rlm"


def _template_note(header: GgufHeader) -> str:
    if header.values.get(KEY):
        return "A file of yours, with a chat template of its own."
    return "A file of yours without a chat template: it may be a base model, which continues texts rather than answering."


def _same(one: Path, other: Path) -> bool:
    try:
        return one.expanduser().samefile(other)
    except OSError:
        return False


def _free_name(path: Path, taken: set[str]) -> str:
    """The file's name, made one that a catalogue takes and nobody has."""
    plain = _ODD.sub("-", path.stem).strip("-.") or "model"
    names = (plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
