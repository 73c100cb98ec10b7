"""The paper's Recursive Language Model: the model writes every cell itself."""

from __future__ import annotations

from rlm_desktop.engine.dialects import DIALECTS, Scene
from rlm_desktop.engine.host_api import sub_characters
from rlm_desktop.engine.loop import RLM
from rlm_desktop.engine.outcome import Outcome
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.scope import Scope
from rlm_desktop.engine.workbench import Workbench

MANY_TURNS = 1000
"""Said to the model when the person set no limit on turns."""


async def answer(run: Run, scope: Scope) -> Outcome:
    """Explore the scope's documents; called again, one level deeper, by each ``rlm_query``."""
    async with Workbench(run, scope, lambda child: answer(run, child)) as bench:
        scene = Scene(
            question=scope.question,
            context=scope.describe_context(),
            documents=scope.describe_documents(),
            earlier=f"{scope.earlier}\n\n{bench.describe_kept()}".strip(),
            turns=run.budget.limits.turns or MANY_TURNS,
            sub_characters=sub_characters(run),
            recursion=scope.depth < run.budget.limits.depth,
            extra="\n".join(scope.role.profile.prompt_lines),
        )
        return await RLM(run, scope, bench, DIALECTS[scope.role.profile.dialect], scene).explore()
