"""The times of many rows at once: one list for each thing told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from rlm_desktop.events import Row
from rlm_desktop.events.row import RowKind, RowStatus

LABEL = 40
"""Most characters of a row's label."""
_KINDS = {kind: number for number, kind in enumerate(get_args(RowKind))}
_STATUSES = {status: number for number, status in enumerate(get_args(RowStatus))}


def columns(rows: Sequence[Row], zero: int) -> dict[str, list[Any]]:
    """Rows, in the order they began, as one list for each thing told of them; times count from ``zero``."""
    return {
        "span": [row.span for row in rows],
        "parent": [row.parent for row in rows],
        "kind": [_KINDS[row.kind] for row in rows],
        "status": [_STATUSES[row.status] for row in rows],
        "start": [row.started - zero for row in rows],
        "heard": [row.heard - zero if row.heard else None for row in rows],
        "end": [row.finished - zero if row.finished else None for row in rows],
        "batch": [row.batch for row in rows],
        "prompt": [row.usage.prompt_tokens for row in rows],
        "completion": [row.usage.completion_tokens for row in rows],
        "cost": [row.usage.cost_usd for row in rows],
        "label": [row.label[:LABEL] for row in rows],
    }
