"""Open a model: the one place where a backend is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rlm_desktop.config import Settings
from rlm_desktop.models.base import Model
from rlm_desktop.models.llama.kept_states import STATES_LIMIT
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.registry import ResolvedModel, resolve

if TYPE_CHECKING:
    from rlm_desktop.models.llama.client import LlamaWorker


async def open_model(spec: str | ResolvedModel, settings: Settings, worker: LlamaWorker) -> Model:
    """Open the model a person means. It is loaded by its first call, or by `Model.load`.

    Args:
        spec: What ``--model`` said, or what `resolve` made of it.
        settings: Whose models.
        worker: The process that hosts GGUF models.

    Raises:
        UserError: There is no such model, it is not downloaded, its file is not what it was, or its
            server may not or cannot be reached.
    """
    model = resolve(spec, settings) if isinstance(spec, str) else spec
    if model.kind == "script":
        from rlm_desktop.models.scripted import ScriptedModel, read_script

        return ScriptedModel(read_script(model.path), model.name)
    if model.kind == "api":
        from rlm_desktop.models.remote.opening import open_remote  # the SDK takes half a second to import

        return await open_remote(model)
    return await worker.open(
        model.path,
        name=model.name,
        options=Options(
            sha256=model.sha256,
            context_window=model.profile.context_window,
            concurrency=model.profile.concurrency,
            template=model.template,
            chat_template=model.chat_template,
            cache_type=model.cache_type,
            gpu_layers=model.gpu_layers,
            threads=model.threads,
            states=str(settings.states),
            states_limit=STATES_LIMIT,
        ),
    )
