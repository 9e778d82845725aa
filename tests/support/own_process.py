"""Run a function in a process of its own."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any


def in_own_process(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What `function` gives there.

    As root, the AV1 encoder SVT-AV1 makes the thread that calls it a real-time one, and so every
    thread started later: those of a recogniser, which wait actively, then stop the whole machine.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments, **options).result()
