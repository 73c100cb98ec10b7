"""Cells that await."""

from __future__ import annotations

import pytest

from tests.repl.conftest import Run

MAIN = "import asyncio\nasync def main(x='ran'):\n    await asyncio.sleep(0)\n    return x\n"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("await main()", "'ran'\n"),
        ("main()", "'ran'\n"),
        ("main(None)", ""),
        ("await main()\nmain()", "'ran'\n"),
        ("asyncio.run(main())", "'ran'\n"),
        ("asyncio.run(main('a')), await main('b')", "('a', 'b')\n"),
        ("def f(): return asyncio.run(main())\nasync def g(): return f()\nawait g()", "'ran'\n"),
        ("await asyncio.gather(main(1), main(2))", "[1, 2]\n"),
        ("await main()\nasyncio.gather(main(1), main(2))", "[1, 2]\n"),
        ("await asyncio.gather(*(asyncio.to_thread(llm_query, p) for p in 'ab'))", "['<a>', '<b>']\n"),
        (
            "async def items():\n    for i in range(2): yield i\n"
            "async for i in items(): print(i)\n"
            "async with asyncio.timeout(20): [i async for i in items()]\n"
            "[i async for i in progress(items())]",
            "0\n1\n[0, 1]\n",
        ),
        ("loop = asyncio.get_event_loop()\nloop.run_until_complete(main())", "'ran'\n"),
        ("await main()\nexit()", ""),
        ("[main]", None),
    ],
)
async def test_what_is_awaited_and_shown(run: Run, code: str, shown: str | None) -> None:
    result = await run(MAIN + code)
    assert result.status == "ok", result.traceback
    assert shown is None or result.output.replace("<sys>:0: DeprecationWarning", "") == shown
    assert result.threads == 0
    assert (await run("await main()\n_")).output == "'ran'\n" if shown == "'ran'\n" else True


async def test_get_event_loop_works_after_a_cell_that_awaited(run: Run) -> None:
    await run(MAIN + "await main()")
    assert (await run("asyncio.get_event_loop().run_until_complete(main())")).output.endswith("'ran'\n")


async def test_tasks_left_behind_are_cancelled_and_named(run: Run) -> None:
    result = await run(
        MAIN + "async def late():\n    try: await asyncio.sleep(100)\n    finally: print('cancelled')\n"
        "tasks = [asyncio.create_task(late()) for _ in range(2)]\nawait asyncio.sleep(0)\n1 + 1"
    )
    assert result.output == (
        "(2 tasks were still running at the end of the cell and cancelled: late. Await them.)\n"
        "cancelled\ncancelled\n2\n"
    )
    assert (await run("tasks[0].cancelled()")).output == "True\n"


async def test_errors_show_the_cells_own_lines(run: Run) -> None:
    result = await run(MAIN + "async def bad():\n    return 1 / 0\nbad()")
    assert result.error == "ZeroDivisionError: division by zero"
    assert "return 1 / 0" in result.traceback
    assert "awaiting.py" not in result.traceback


async def test_a_coroutine_that_is_forgotten_is_said(run: Run) -> None:
    assert "coroutine 'main' was never awaited" in (await run(MAIN + "main()\n1")).output
