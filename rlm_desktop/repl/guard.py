"""Approves the fork before a cell and no other, and threads up to a number: the listener of the child's filter.

Without it a cell could fork as long as memory lasts, and have tens of thousands of threads: ``RLIMIT_NPROC`` does not
bind root and counts all processes of a user, and a filter cannot tell a checkpoint from a bomb.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import struct
from pathlib import Path

MOST_THREADS = 256
"""Threads a process may have."""
_RECEIVE, _SEND = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_RECV and _SEND
_NOTIFICATION = struct.Struct("=QII16xQ40x")  # seccomp_notif: id, thread, flags, the call's first argument
_RESPONSE = struct.Struct("=QqiI")  # seccomp_notif_resp: id, value, error, flags
_CONTINUE = 1
_CLONE_THREAD = 0x10000
_EPERM = 1


def is_listener(fd: int) -> bool:
    """Whether a descriptor is what the kernel gives to whoever installs a filter, and nothing a cell can make."""
    return os.readlink(f"/proc/self/fd/{fd}") == "anon_inode:seccomp notify"  # noqa: PTH115


def _threads(thread: int) -> int:
    """How many the process of this one has; 0 if the system hides it or it has just died."""
    try:
        status = Path(f"/proc/{thread}/stat").read_text(errors="replace")
    except OSError:
        return 0
    return int(status.rpartition(")")[2].split()[17])


class ForkGuard:
    """Answers the forks and new threads of one state and its descendants; closes the listener it is given.

    Args:
        listener: Descriptor the child sent.
    """

    def __init__(self, listener: int) -> None:
        self._listener = listener
        self._armed = False
        self._loop = asyncio.get_running_loop()
        try:
            self._loop.add_reader(listener, self._answer)
        except OSError:
            self.close()

    def arm(self, allow: bool) -> None:
        """Approve the next fork, or none from now on."""
        self._armed = allow

    def _answer(self) -> None:
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        if not any(events & select.POLLIN for _fd, events in poll.poll(0)):
            self.close()  # hung up; to receive would block
            return
        request = bytearray(_NOTIFICATION.size)
        try:
            fcntl.ioctl(self._listener, _RECEIVE, request)
            identifier, thread, _flags, wanted = _NOTIFICATION.unpack(request)
            if wanted & _CLONE_THREAD:
                allowed = _threads(thread) < MOST_THREADS
            else:  # of one with threads it is no checkpoint: a cell left them, to take what is meant for that
                allowed = self._armed and _threads(thread) <= 1
                self._armed = self._armed and not allowed
            response = (identifier, 0, 0, _CONTINUE) if allowed else (identifier, 0, -_EPERM, 0)
            fcntl.ioctl(self._listener, _SEND, bytearray(_RESPONSE.pack(*response)))
        except FileNotFoundError:
            return  # the process died before it was answered
        except OSError:  # nobody uses the filter any more
            self.close()

    def close(self) -> None:
        """Stop answering; forks are refused by the kernel from now on."""
        if self._listener >= 0:
            self._loop.remove_reader(self._listener)
            os.close(self._listener)
            self._listener = -1
