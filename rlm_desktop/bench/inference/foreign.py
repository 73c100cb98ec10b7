"""A foreign peer as the bench sees it: a process of its own, alone on the computer's cores while it lives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rlm_desktop.bench.foreign_process import ForeignProcess, open_process
from rlm_desktop.bench.inference import wire
from rlm_desktop.bench.inference.peer import Contestant, Served
from rlm_desktop.bench.inference.setup import Setup
from rlm_desktop.bench.inference.workload import Stage, Workload
from rlm_desktop.bench.section import Tell
from rlm_desktop.models.registry import ResolvedModel
from rlm_desktop.processes import own_name

MODULE = "rlm_desktop.bench.inference.child"


@asynccontextmanager
async def open_foreign(contestant: Contestant, setup: Setup, tell: Tell) -> AsyncIterator[ForeignPeer]:
    """A peer in a process of its own, once it is its turn to use a model on this computer."""
    command = wire.Open(
        peer=contestant.peer,
        path=str(setup.model.path),
        cells=setup.cells,
        width=contestant.width,
        threads=setup.threads,
    )
    async with _process(str(contestant), tell) as process:
        opened = await process.ask(command)
        if not isinstance(opened, wire.Opened):
            raise process.failure("did not say how it was set up")
        peer = ForeignPeer(process, opened.about)
        await peer.serve(setup.warm_up)
        yield peer


async def with_tokens(workloads: Sequence[Workload], model: ResolvedModel) -> list[Workload]:
    """The workloads with every prompt as tokens.

    Raises:
        UserError: The model's file or chat template is broken.
    """
    command = wire.Open(
        peer="tokens", path=str(model.path), template=model.template, chat_template=model.chat_template
    )
    async with _process("The vocabulary", _silent) as process:
        await process.ask(command)
        tokenised = []
        for workload in workloads:
            conversations = (wire.Conversation(call.messages, call.reusable) for call in workload.calls)
            rendered = await process.ask(wire.Render(tuple(conversations)))
            if not isinstance(rendered, wire.Rendered):
                raise process.failure("gave no tokens")
            tokenised.append(workload.with_tokens(rendered.prompts))
        return tokenised


class ForeignPeer:
    """See `rlm_desktop.bench.inference.peer.Peer`."""

    def __init__(self, process: _Process, about: str) -> None:
        self._process = process
        self.about = about

    async def serve(self, stage: Stage) -> Served:
        """Answer all calls of a stage."""
        calls = tuple(wire.Ask(call.tokens, call.new_tokens) for call in stage)
        done = await self._process.ask(wire.Serve(calls))
        if not isinstance(done, wire.Done):
            raise self._process.failure("gave no answers")
        return done.served

    def overhead(self) -> float | None:
        """It does not say."""
        return None


class _Process:
    """The process; knows what its wire says aside and of failures."""

    def __init__(self, process: ForeignProcess[wire.Reply], tell: Tell) -> None:
        self._process = process
        self._tell = tell
        self.failure = process.failure

    async def ask(self, command: wire.Command) -> wire.Reply:
        """Send a command and wait for its reply.

        Raises:
            UserError: The peer failed, or its process ended.
        """
        reply = await self._process.ask(command)
        while isinstance(reply, wire.Waits):
            self._tell(reply.text)
            reply = await self._process.next_reply()
        if isinstance(reply, wire.Failed):
            raise self.failure(f"failed: {reply.message}")
        return reply


@asynccontextmanager
async def _process(name: str, tell: Tell) -> AsyncIterator[_Process]:
    hint = "Leave it out with --peers."
    async with open_process(name, hint, MODULE, own_name(), replies=wire.reply_decoder) as process:
        yield _Process(process, tell)


def _silent(_: str) -> None:
    """The vocabulary waits for nobody."""
