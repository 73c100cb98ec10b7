"""The engine: opens documents, asks questions of them, cancels, and closes everything it started."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from rlm_desktop import __version__
from rlm_desktop.config import Settings
from rlm_desktop.documents.corpus import Corpus
from rlm_desktop.documents.worker import ScanWorker
from rlm_desktop.engine.budget import Budget
from rlm_desktop.engine.conduct import conduct
from rlm_desktop.engine.dialects import DIALECTS
from rlm_desktop.engine.prompts import all_versions
from rlm_desktop.engine.recorder import Publish, Recorder
from rlm_desktop.engine.recordings import Recordings
from rlm_desktop.engine.request import AskRequest, check_request
from rlm_desktop.engine.run import Role, Run
from rlm_desktop.engine.sandbox import UNCONFINED, check_consent, offered
from rlm_desktop.engine.scope import Scope
from rlm_desktop.engine.session import Session
from rlm_desktop.engine.sessions import Sessions
from rlm_desktop.engine.stops import Stops
from rlm_desktop.engine.storage import sweep
from rlm_desktop.engine.strategies import AUTO, CODELESS, STRATEGIES, choose
from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import Limits, ModelRef, RunStarted, RunState, SandboxLevel
from rlm_desktop.models.base import Model
from rlm_desktop.models.llama.client import LlamaWorker
from rlm_desktop.models.notices import ModelNotice
from rlm_desktop.models.opening import open_model
from rlm_desktop.models.prices import FREE
from rlm_desktop.models.registry import default_model, resolve
from rlm_desktop.repl.zygotes import Zygotes
from rlm_desktop.store import RunSummary, Store


@dataclass
class _Going:
    task: asyncio.Task[None]
    run: Run
    stopping: bool = False

    def stop(self) -> None:
        """Cancel the run, once: another cancellation would cut short how it cleans up, and so would one after its end."""
        if not self.stopping and self.run.recorder.state.finish is None:
            self.stopping = True
            self.task.cancel()


class Engine:
    """Runs questions. Use as an async context manager; leaving it ends everything it started.

    Args:
        settings: Folders and switches.
        publish: Told of each stored event.
        on_notice: Told of what models are doing.
    """

    def __init__(
        self, settings: Settings, publish: Publish, on_notice: Callable[[ModelNotice], None]
    ) -> None:
        self.settings = settings.prepare()
        self.store = Store(settings.store, settings.locks)
        self.recordings = Recordings(self.store)
        self.scan = ScanWorker()
        self._scratch = self.settings.scratch / self.store.owner.name
        sweep(self.settings.scratch, self.store.owner)
        self._sessions = Sessions(self.store, self._scratch)
        self._zygotes = Zygotes(self._scratch / "trees")
        self._publish = publish
        self._worker = LlamaWorker(on_notice)
        self._going: dict[str, _Going] = {}
        self._unsaved: dict[str, RunState] = {}

    async def __aenter__(self) -> Engine:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Cancel every run and end every process."""
        await asyncio.gather(*(self.cancel(run) for run in list(self._going)), return_exceptions=True)
        await self._sessions.close()
        await self._worker.close()
        await self.scan.close()
        await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)
        self.store.close()

    async def ask(self, request: AskRequest) -> str:
        """Begin a run.

        Returns:
            Its id; its events are published from here on.

        Raises:
            UsageError: The request makes no sense.
            UserError: The documents or the models cannot be used.
        """
        request = self._completed(request)
        check_request(request)
        sandbox = await offered()
        check_consent(request, sandbox)
        corpus, figures = await self.scan.open(tuple(map(Path, request.paths)))
        model = request.model or default_model(self.settings)
        root = await self._role(model)
        sub = root
        try:
            if request.sub_model not in {"", model}:
                sub = await self._role(request.sub_model)
            _check_prices(request.limits, (root.model, sub.model))
            name = _new_id()
            session = await self._session(name, request.follows)
        except BaseException:
            await _close_models(root, sub)
            raise
        try:
            run = self._new_run(name, request, corpus, (root, sub), session.level or sandbox.level)
            scope = Scope(
                question=run.question,
                corpus=corpus,
                figures=figures,
                depth=0,
                parent=0,
                role=root,
                scratch=self._scratch / run.id,
                session=session,
            )
            strategy = await choose(run, scope) if request.strategy == AUTO else request.strategy
            if run.sandbox == "none" and strategy not in CODELESS:
                run.note(0, UNCONFINED)
            await self._record_start(run, request, strategy, session.id)
        except BaseException:
            await self._sessions.rest(session)
            await _close_models(root, sub)
            raise
        task = asyncio.create_task(self._conduct(run, scope, strategy), name=f"run {run.id}")
        self._going[run.id] = _Going(task, run)
        await asyncio.sleep(0)  # a task that is cancelled before its first step never records its end
        return run.id

    async def cancel(self, run: str) -> None:
        """Stop a run; returns once everything of it has stopped."""
        if going := self._going.get(run):
            going.stop()
            await self.wait(run)

    async def stop_step(self, run: str, span: int) -> None:
        """Stop one cell or call of a run, or the calls of a batch; the run goes on, and is told.

        Raises:
            UserError: It does not go on.
        """
        await self._stops(run).stop(*self._single(run, span))

    def repeat_step(self, run: str, span: int) -> None:
        """Give up on a call's attempt, or on those of a batch's calls, and ask again.

        Raises:
            UserError: It does not go on, or is no call.
        """
        self._stops(run).repeat(*self._single(run, span))

    def _stops(self, run: str) -> Stops:
        going = self._going.get(run)
        return going.run.stops if going else Stops()

    def _single(self, run: str, span: int) -> list[int]:
        """The rows that a row stands for."""
        state = self.live(run)
        row = state.rows.get(span) if state else None
        if state is None or row is None or row.kind != "group":
            return [span]
        return [call.span for call in state.children(span)]

    async def wait(self, run: str) -> None:
        """Return when a run has ended, however it did.

        Raises:
            StoreError: Its end could not be recorded.
        """
        if going := self._going.get(run):
            await asyncio.wait({going.task})
            if not going.task.cancelled() and (error := going.task.exception()):
                raise error

    def live(self, run: str) -> RunState | None:
        """The state of a run that is going, or whose end could not be stored."""
        going = self._going.get(run)
        return going.run.recorder.state if going else self._unsaved.get(run)

    def summary(self, run: str) -> RunSummary:
        """The summary of a run, also of one whose end could not be stored."""
        return self._as_it_is(self.store.summary(run))

    def history(self, start: int, count: int) -> list[RunSummary]:
        """A page of the history, newest first."""
        return [self._as_it_is(summary) for summary in self.store.runs(start, count)]

    def _as_it_is(self, summary: RunSummary) -> RunSummary:
        state = self._unsaved.get(summary.run)
        if state is None or state.finish is None:
            return summary
        end = state.finish
        return msgspec.structs.replace(
            summary, status=end.status, error=end.error, hint=end.hint, seconds=end.seconds, usage=end.usage
        )

    def _completed(self, request: AskRequest) -> AskRequest:
        """A question that follows another is about its documents and any it names, and for the same model."""
        if not request.follows:
            return request
        past = self.summary(request.follows)
        return msgspec.structs.replace(
            request,
            paths=(*past.paths, *request.paths),
            model=request.model or past.model,
            sub_model=request.sub_model or ("" if past.sub_model == past.model else past.sub_model),
        )

    async def _session(self, run: str, follows: str) -> Session:
        """The session of a new run; one that follows a run which has ended waits until that has cleaned up."""
        if not follows:
            return self._sessions.begin(run)
        if (going := self._going.get(follows)) and going.run.recorder.state.finish:
            await asyncio.wait({going.task})
        return self._sessions.go_on(self.summary(follows))

    async def load(self, model: str) -> None:
        """Load a model into memory, where it rests as after a question; cancelling the task calls the loading off.

        Raises:
            UserError: It cannot be loaded.
        """
        role = await self._role(model)
        try:
            await role.model.load()
        finally:
            await role.model.close()

    def unload(self, model: str) -> None:
        """Free a model at once.

        Raises:
            UserError: A run uses it.
        """
        self._worker.unload(model)

    async def delete(self, run: str) -> None:
        """Delete a run and everything only it used; one that is going here is stopped first.

        Raises:
            UserError: There is no such run, or another process works on it.
        """
        await self.cancel(run)
        self.store.delete(run)
        self._unsaved.pop(run, None)

    async def _role(self, spec: str) -> Role:
        resolved = await asyncio.to_thread(resolve, spec, self.settings)
        return Role(await open_model(resolved, self.settings, self._worker), resolved.profile)

    def _new_run(
        self, name: str, request: AskRequest, corpus: Corpus, roles: tuple[Role, Role], sandbox: SandboxLevel
    ) -> Run:
        root, sub = roles
        return Run(
            id=name,
            question=request.question.strip(),
            corpus=corpus,
            root=root,
            sub=sub,
            budget=Budget(request.limits, price=root.model.price or FREE),
            recorder=Recorder(name, self.store, self._publish),
            scan=self.scan,
            settings=self.settings,
            sandbox=sandbox,
            unconfined=request.unconfined,
            zygotes=self._zygotes,
        )

    async def _record_start(self, run: Run, request: AskRequest, strategy: str, session: str) -> None:
        sources = await self.scan.fingerprints(run.corpus)
        dialect = DIALECTS[run.root.profile.dialect]
        run.start(
            RunStarted(
                run=run.id,
                span=0,
                question=run.question,
                strategy=strategy,
                dialect=dialect.name,
                prompt_version=all_versions(),
                models=(
                    _ref("root", run.root.model),
                    _ref("sub", run.sub.model),
                ),
                limits=request.limits,
                sources=tuple(sources),
                sandbox=run.sandbox,
                program=__version__,
                paths=run.corpus.paths,
                parent_run=request.follows,
                session=session,
            )
        )

    async def _conduct(self, run: Run, scope: Scope, strategy: str) -> None:
        try:
            await conduct(run, scope, STRATEGIES[strategy])
        except StoreError:
            self._unsaved[run.id] = run.recorder.state
            raise
        finally:
            await _close_models(run.root, run.sub)
            await asyncio.to_thread(shutil.rmtree, scope.scratch, ignore_errors=True)
            if scope.session:
                await self._sessions.rest(scope.session)
            await asyncio.to_thread(self._index)
            del self._going[run.id]

    def _index(self) -> None:
        with suppress(StoreError), self.store.apart() as store:  # the next search does what is left undone
            store.index()


def _new_id() -> str:
    return f"{time.strftime('%y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"


async def _close_models(root: Role, sub: Role) -> None:
    await root.model.close()
    if sub is not root:
        await sub.model.close()


def _ref(role: Literal["root", "sub"], model: Model) -> ModelRef:
    return ModelRef(role, model.name, model.sha256, model.host)


def _check_prices(limits: Limits, models: tuple[Model, ...]) -> None:
    unknown = next((model.name for model in models if model.price is None), None)
    if limits.cost_usd is not None and unknown:
        raise UserError(
            f"A limit on the cost needs the price of {unknown}, and nobody knows it.",
            "State it in models.toml (`price = { prompt = …, completion = … }`), or limit the tokens instead.",
        )
