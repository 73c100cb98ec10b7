"""The host's side of one running cell: its output, its calls, its time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

import msgspec

from rlm_desktop.repl import patient, writing
from rlm_desktop.repl.handover import HandoverError, read
from rlm_desktop.repl.journal import SEARCHES, recorded
from rlm_desktop.repl.line import Line
from rlm_desktop.repl.own_time import OwnTime
from rlm_desktop.repl.protocol import LONG, FrameError, FrameReader, Message, frame, loads
from rlm_desktop.repl.results import CallFailure, Handler, OnOutput, OnProgress, RecordedCall
from rlm_desktop.repl.through import see_through
from rlm_desktop.repl.wire import Call, Done, Output, Progress, cell_message

MOST_CALLS = 1_024
"""Calls of a cell that may be unanswered; each of an honest one has a thread that waits."""
MOST_SEARCHES = 16
"""Of those, searches that are answered: their replies are long, and wait in memory until the cell takes them."""
MOST_ASKED = 128 * 2**20
"""Characters that unanswered calls may hold."""
MOST_TEXTS = 10_000
"""Prompts or passages of one call; each costs the engine some 10 µs even if it is refused."""


class Conversation:
    """One cell from its code to its end.

    Args:
        line: The host's end of its channel; closed by `close`.
        handler: Answers its calls.
        output_chars: Characters of output to keep.
        on_output: Told of the output that is kept, as it comes.
        on_progress: Told how far the cell says it has come.

    Attributes:
        hung_up: Whether the child has closed its end.
        fault: What was wrong with what the child sent, if anything.
        host_calls: Prompts, passages and searches asked for.
        failed_calls: How many of them failed.
    """

    def __init__(
        self,
        line: Line,
        handler: Handler,
        output_chars: int,
        *,
        on_output: OnOutput | None,
        on_progress: OnProgress | None,
    ) -> None:
        self.hung_up = False
        self.fault = ""
        self.host_calls = 0
        self.failed_calls = 0
        self._line = line
        self._handler = handler
        self._on_output = on_output
        self._on_progress = on_progress
        self._room = output_chars
        self._kept: list[str] = []
        self._dropped = 0
        self._answered: dict[int, RecordedCall] = {}
        self._asked = 0
        self._output_chars = output_chars
        self._files: dict[int, int] = {}
        self._reader = FrameReader()
        self._sending = asyncio.Lock()
        self._searching = asyncio.Semaphore(MOST_SEARCHES)

    @property
    def calls(self) -> tuple[RecordedCall, ...]:
        """The calls that were answered, searches aside, in the order of asking."""
        return tuple(call for _id, call in sorted(self._answered.items()))

    @property
    def output(self) -> str:
        """What the cell printed, with a note of how much more there was."""
        text = "".join(self._kept)
        return (
            f"{text}\n... [{self._dropped:,} more characters were printed and not kept]"
            if self._dropped
            else text
        )

    async def run(self, order: Message, time: OwnTime) -> Done | None:
        """Converse until the cell has ended.

        Returns:
            How it ended; ``None`` if its process died or sent nonsense.

        Raises:
            Exception: What the handler raised.
        """
        try:
            await self._send(order)
        except OSError:
            return None
        try:
            async with asyncio.TaskGroup() as group:
                calls: set[asyncio.Task[None]] = set()
                done = await self._listen(group, calls, time)
                for call in calls:  # of a dead cell, or of threads it left behind
                    call.cancel()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        if done:
            self._dropped += done.dropped
            done = done.within(self._output_chars)
        return done

    async def _listen(
        self, group: asyncio.TaskGroup, calls: set[asyncio.Task[None]], time: OwnTime
    ) -> Done | None:
        try:
            while data := await self._receive():
                for body in self._reader.cut(data):
                    match message := await _understood(body):
                        case Done():
                            return message
                        case Output():
                            self._keep(message)
                        case Progress() if self._on_progress:
                            self._on_progress(message.told)
                        case Call():
                            if len(calls) == MOST_CALLS:
                                raise FrameError(f"more than {MOST_CALLS:,} calls at a time")
                            if message.handed_over:
                                self._keep_file(message.id)
                            task = group.create_task(self._take(message, time))
                            calls.add(task)
                            task.add_done_callback(calls.discard)
                await asyncio.sleep(0)  # a cell that floods must not starve the others
        except FrameError as error:
            self.fault = str(error)
        except OSError:
            pass
        return None

    async def _receive(self) -> bytes:
        data = await self._line.receive()
        self.hung_up = not data
        return data

    def _keep(self, output: Output) -> None:
        text = output.text[: self._room]
        self._room -= len(text)
        self._dropped += len(output.text) - len(text)
        if text:
            self._kept.append(text)
            if self._on_output:
                self._on_output(output.stream, text)

    def _keep_file(self, number: int) -> None:
        """The call of this number has its contexts in a file, which came no later than the message."""
        fd = self._line.take_file()
        if fd is None or number in self._files:
            raise FrameError("a file was announced and did not come")
        self._files[number] = fd

    def _take(self, call: Call, time: OwnTime) -> Coroutine[None, None, None]:
        """What answers a call, or refuses it if unanswered ones already hold so much."""
        size, refusal = call.size, ""
        if call.texts > MOST_TEXTS:
            refusal = f"{call.texts:,} is too many for one call; ask for {MOST_TEXTS:,} at a time"
        elif self._asked + size > MOST_ASKED and self._asked:
            refusal = "too much is being asked at the same time; wait for some replies"
        if refusal:
            if call.handed_over:
                os.close(self._files.pop(call.id))
            return self._refuse(call, refusal)
        self._asked += size
        return self._search(call, time, size) if call.api in SEARCHES else self._answer(call, time, size)

    async def _search(self, call: Call, time: OwnTime, size: int) -> None:
        async with self._searching:  # its own time goes on for a cell that does not take the replies
            await self._answer(call, time, size)

    async def _refuse(self, call: Call, failure: str) -> None:
        self.host_calls += call.texts
        self.failed_calls += call.texts
        await self._send({"id": call.id, "failure": failure})

    async def _answer(self, call: Call, time: OwnTime, size: int) -> None:
        self.host_calls += call.texts
        search = call.api in SEARCHES
        time.pause(search=search)
        try:
            call = await self._whole(call)
            value = await self._handler(call.api, call.args)
            data = await _framed({"id": call.id, "value": value})
            self.failed_calls += _failures(value)
            await self._record(call, size, value)
        except (CallFailure, FrameError, HandoverError) as failure:
            self.failed_calls += call.texts
            data = [frame({"id": call.id, "failure": str(failure)})]
            await self._record(call, size, None, str(failure))
        finally:
            time.resume(search=search)
        await self._send_bytes(data)
        self._asked -= size

    async def _whole(self, call: Call) -> Call:
        """The call with its contexts in it.

        Raises:
            HandoverError: They are not in the file that came with it.
        """
        if not call.handed_over:
            return call
        contexts = await see_through(read, self._files.pop(call.id), call.handed_over)
        return msgspec.structs.replace(call, args=call.args | {"contexts": contexts})

    async def _record(self, call: Call, size: int, value: Any, failure: str | None = None) -> None:
        if call.api not in SEARCHES:
            record = partial(recorded, call.api, call.args, value, failure)
            self._answered[call.id] = await asyncio.to_thread(record) if size > LONG else record()

    async def _send(self, message: Message) -> None:
        await self._send_bytes(await _framed(message))

    async def _send_bytes(self, data: Sequence[bytes]) -> None:
        async with self._sending:
            try:
                await self._line.send(data)
            except OSError:
                return  # it died; the reading side finds out

    def close(self) -> None:
        """Hang up."""
        for fd in self._files.values():
            os.close(fd)
        self._files.clear()
        self._line.close()


async def _understood(body: bytearray | memoryview) -> Output | Progress | Call | Done:
    """The message in a body; one that is long is read in a thread, for it may be made to take seconds.

    Raises:
        FrameError: It is none.
    """
    if len(body) <= LONG:
        return cell_message(loads(body))
    return await asyncio.to_thread(lambda: cell_message(patient.loads(body)))


async def _framed(message: Message) -> Sequence[bytes]:
    """A frame in pieces; one that is long is written in a thread.

    Raises:
        FrameError: It is too long to be sent.
    """
    return await asyncio.to_thread(writing.frame, message) if writing.is_long(message) else [frame(message)]


def _failures(value: Any) -> int:
    return (
        sum(1 for result in value if isinstance(result, dict) and result.get("error"))
        if isinstance(value, list)
        else 0
    )
