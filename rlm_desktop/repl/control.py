"""The host's end of a control socket: what is said to a process of the REPL, and what it says."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass

from rlm_desktop.repl.protocol import FrameError, Message, receive_signed, send_packet, sign_packets
from rlm_desktop.repl.wire import Failed, News, control_message


class ChildDiedError(Exception):
    """A process of the REPL has ended, or talks nonsense."""


@dataclass(frozen=True)
class Packet:
    """What was said, the descriptors that came with it, and by which process, by the kernel's word."""

    news: News
    fds: list[int]
    sender: int


class Control:
    """A control socket; give its other end, `theirs`, to a process and close it.

    Args:
        on_packet: Told what is said, and ``None`` when nothing more will be; it owns the descriptors.
    """

    def __init__(self, on_packet: Callable[[Packet | None], None]) -> None:
        self._socket, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._on_packet = on_packet
        self._loop = asyncio.get_running_loop()
        self._listening = True
        sign_packets(self._socket)
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket, self._read)

    def _read(self) -> None:
        fds: list[int] = []
        try:
            received = receive_signed(self._socket)
            if received is not None:
                message, fds, sender = received
                self._on_packet(Packet(control_message(message), fds, sender))
                return
        except BlockingIOError:
            return
        except (FrameError, OSError):
            for fd in fds:
                os.close(fd)
        self._hang_up()

    def _hang_up(self) -> None:
        if self._listening:
            self._listening = False
            self._loop.remove_reader(self._socket)
            self._let_nothing_wait()
            self._on_packet(None)

    def _let_nothing_wait(self) -> None:
        """Refuse what is sent from now on, and drop what was: descriptors on their way count against all of a user."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)
            signature = socket.CMSG_SPACE(3 * 4)  # and no room for descriptors, which are dropped
            while any(self._socket.recvmsg(1, signature)[:2]):  # an empty packet is signed, an end is not
                pass

    async def send(self, message: Message, fds: list[int] | None = None) -> None:
        """Send a packet, waiting for room while the process is busy.

        Raises:
            ChildDiedError: It has ended.
        """
        while True:
            try:
                send_packet(self._socket, message, fds)
                return
            except BlockingIOError:
                await self._writable()
            except OSError as error:
                raise ChildDiedError(f"it ended: {error.strerror}") from error

    async def _writable(self) -> None:
        room = asyncio.Event()
        self._loop.add_writer(self._socket, room.set)
        try:
            await room.wait()
        finally:
            self._loop.remove_writer(self._socket)

    def close(self) -> None:
        """Hang up; may be called again."""
        self._hang_up()
        self.theirs.close()
        self._socket.close()


class Servant:
    """A process of ours that does what it is told and says when it has: the zygote, a holder.

    Attributes:
        control: What it is told by.
        pid: Its number, once it has said something.
        alive: Whether it still listens.
    """

    def __init__(self) -> None:
        self.control = Control(self._hear)
        self.pid = 0
        self.alive = True
        self._heard: asyncio.Queue[Packet | None] = asyncio.Queue()

    def _hear(self, packet: Packet | None) -> None:
        for fd in packet.fds if packet else ():
            os.close(fd)
        self.alive = packet is not None
        self._heard.put_nowait(packet)

    async def ready(self) -> None:
        """Wait until it has done what it was told last.

        Raises:
            ChildDiedError: It could not, or has ended.
        """
        packet = await self._heard.get()
        if packet is None:
            self._heard.put_nowait(None)
            raise ChildDiedError("it ended without a word")
        if isinstance(packet.news, Failed):
            raise ChildDiedError(packet.news.error)
        self.pid = packet.sender
