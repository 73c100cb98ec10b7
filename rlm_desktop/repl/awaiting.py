"""Run what a cell awaits; standard library only.

asyncio is imported by the first cell that needs it: that takes 35 ms, and few cells do.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

Coro = Coroutine[Any, Any, Any]


def run(main: Coro, write: Callable[[str], object]) -> Any:
    """The result of a coroutine, run to its end in a loop of its own.

    Args:
        main: The coroutine.
        write: Told of tasks that it leaves behind; they are cancelled.
    """
    import asyncio

    _let_run_nest()
    # With a factory of loops the runner leaves alone what `asyncio.get_event_loop` gives to later cells.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        try:
            return runner.run(main)
        finally:
            if left := asyncio.all_tasks(runner.get_loop()):
                names = ", ".join(sorted({getattr(task.get_coro(), "__name__", "?") for task in left}))
                tasks = "1 task was" if len(left) == 1 else f"{len(left)} tasks were"
                write(f"({tasks} still running at the end of the cell and cancelled: {names}. Await them.)\n")


async def value_of(value: object) -> object:
    """The value itself, or what it comes to if it is to be awaited: a cell that ends in ``main()`` means to run it."""
    import asyncio

    return await value if asyncio.iscoroutine(value) or asyncio.isfuture(value) else value


def _let_run_nest() -> None:
    """Have ``asyncio.run`` work where a loop runs already: in a thread, for which that loop waits."""
    import asyncio

    if hasattr(asyncio.run, "alone"):
        return
    alone = asyncio.run

    def run(main: Coro, **options: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return alone(main, **options)
        from concurrent.futures import ThreadPoolExecutor
        from contextvars import copy_context

        with ThreadPoolExecutor(1, "asyncio.run") as pool:
            return pool.submit(copy_context().run, lambda: alone(main, **options)).result()

    run.alone = alone  # type: ignore[attr-defined]
    asyncio.run = run
