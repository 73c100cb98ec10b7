"""A pytest plugin of watchdogs: a test fails for a logged warning, a leaked thread or process, or the network."""

from __future__ import annotations

import ipaddress
import logging
import re
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

LEAVE_SECONDS = 5.0
"""Threads and processes that a test told to end get this long to be gone."""


class LogGuard(logging.Handler):
    """Collects what the program logs at WARNING or above, apart from what the test expects."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self._expected: list[re.Pattern[str]] = []
        self._seen: set[re.Pattern[str]] = set()

    def expect(self, pattern: str) -> None:
        """The test will log a message this regular expression finds; not logging it fails the test."""
        self._expected.append(re.compile(pattern))

    def emit(self, record: logging.LogRecord) -> None:
        matching = [pattern for pattern in self._expected if pattern.search(record.getMessage())]
        self._seen.update(matching)
        if not matching:
            self.records.append(record)

    def complaints(self) -> list[str]:
        """One line for each unexpected record and each expected one that did not come."""
        missing = [pattern.pattern for pattern in self._expected if pattern not in self._seen]
        return [
            *(f"logged {record.levelname}: {record.getMessage()}" for record in self.records),
            *(f"did not log {pattern!r}" for pattern in missing),
        ]


@pytest.fixture(autouse=True)
def log_guard() -> Iterator[LogGuard]:
    """Fails the test for an unexpected warning; ``log_guard.expect(pattern)`` allows and demands one."""
    guard = LogGuard()
    logger = logging.getLogger("rlm_desktop")
    logger.addHandler(guard)
    yield guard
    logger.removeHandler(guard)
    complaints = guard.complaints()
    if complaints:
        pytest.fail("The test " + "; ".join(complaints), pytrace=False)


@pytest.fixture(autouse=True)
def _no_leaks() -> Iterator[None]:
    """Fails the test that leaves a thread or a process behind, and ends the process."""
    threads = set(threading.enumerate())
    processes = set(psutil.Process().children(recursive=True))
    yield
    deadline = time.monotonic() + LEAVE_SECONDS
    left_threads = [thread for thread in threading.enumerate() if thread not in threads]
    for thread in left_threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    left = [process for process in psutil.Process().children(recursive=True) if process not in processes]
    _, left_processes = psutil.wait_procs(left, timeout=max(0.0, deadline - time.monotonic()))
    names = [f"thread {thread.name}" for thread in left_threads if thread.is_alive()]
    names += [f"process {process.pid} {_name(process)}" for process in left_processes]
    for process in left_processes:
        process.kill()
    if names:
        pytest.fail(f"The test left behind: {', '.join(names)}", pytrace=False)


def _name(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())[:120] or process.name()
    except psutil.NoSuchProcess:
        return "(gone)"


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: a socket may only reach this computer."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
    elif event == "socket.getaddrinfo":
        address = arguments[:1]
    else:
        return
    if not _is_local(address):
        pytest.fail(f"The test reached for the network: {event} {address!r}", pytrace=False)


def _is_local(address: Any) -> bool:
    if not isinstance(
        address, tuple
    ):  # a path of AF_UNIX, bytes of AF_NETLINK, or None for a connected socket
        return True
    host = address[0]
    host = host.decode() if isinstance(host, bytes) else host
    if not isinstance(host, str) or host in {"", "localhost"}:
        return True
    try:
        name = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return name.is_loopback or name.is_unspecified


sys.addaudithook(_refuse_network)
