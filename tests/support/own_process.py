"""Run a function in its own process."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any


def in_own_process(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Return what `function` returns in a new process.

    When root calls it, the AV1 encoder SVT-AV1 gives the calling thread real-time priority, and
    all threads that are started later inherit it. The threads of a recogniser wait actively, so
    they would then stop the whole machine.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments, **options).result()
