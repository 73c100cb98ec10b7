"""The watchdogs bite: each fault they look for fails the test that commits it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _guards_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # three times as fast


def outcome(pytester: pytest.Pytester, body: str) -> pytest.RunResult:
    pytester.makepyfile(f"import logging, socket, subprocess, sys, threading\n{body}")
    pytester.makeconftest("import tests.guards\ntests.guards.LEAVE_SECONDS = 0.2")
    return pytester.runpytest_subprocess("-p", "tests.guards", "-p", "no:cacheprovider")


def test_a_warning_fails_the_test(pytester: pytest.Pytester) -> None:
    result = outcome(pytester, "def test(): logging.getLogger('rlm_desktop.store').warning('disk is slow')")
    result.stdout.fnmatch_lines(["*The test logged WARNING: disk is slow*"])
    result.assert_outcomes(passed=1, errors=1)


def test_an_expected_warning_passes(pytester: pytest.Pytester) -> None:
    body = """
def test(log_guard):
    log_guard.expect('disk is')
    logging.getLogger('rlm_desktop.store').warning('disk is slow')
"""
    outcome(pytester, body).assert_outcomes(passed=1)


def test_an_expected_warning_that_does_not_come_fails(pytester: pytest.Pytester) -> None:
    result = outcome(pytester, "def test(log_guard): log_guard.expect('disk is')")
    result.stdout.fnmatch_lines(["*did not log 'disk is'*"])


def test_a_leaked_thread_fails_the_test(pytester: pytest.Pytester) -> None:
    body = "def test(): threading.Thread(target=threading.Event().wait, name='stray', daemon=True).start()"
    result = outcome(pytester, body)
    result.stdout.fnmatch_lines(["*left behind: thread stray*"])


def test_a_leaked_process_fails_the_test_and_is_ended(pytester: pytest.Pytester) -> None:
    body = "child = []\ndef test(): child.append(subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1))\n"
    body += "def test_ended(): assert child[0].wait(10) != 0; child[0].stdin.close()"
    result = outcome(pytester, body)
    result.stdout.fnmatch_lines(["*left behind: process*input()*"])
    result.assert_outcomes(passed=2, errors=1)


@pytest.mark.parametrize(
    "call",
    [
        "socket.create_connection(('192.0.2.1', 80), timeout=0.1)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
        "socket.getaddrinfo('example.invalid', 80)",
    ],
)
def test_the_network_is_refused(pytester: pytest.Pytester, call: str) -> None:
    result = outcome(pytester, f"def test():\n    try: {call}\n    except Exception: pass")
    result.stdout.fnmatch_lines(["*The test reached for the network*"])
    result.assert_outcomes(failed=1)


def test_this_computer_may_be_reached(pytester: pytest.Pytester) -> None:
    body = """
def test():
    with socket.create_server(('127.0.0.1', 0)) as server:
        socket.create_connection(server.getsockname()).close()
    socket.getaddrinfo('localhost', 80)
"""
    outcome(pytester, body).assert_outcomes(passed=1)
