"""An end for what has none of its own: looking up a name, or a library's talk with a server."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """What the call returns or raises; else TimeoutError, and it is left to itself in a thread that holds nobody up."""
    outcomes: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            outcomes.put((call(), None))
        except BaseException as error:  # noqa: BLE001 raised again by whoever waits
            outcomes.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = outcomes.get(timeout=max(seconds, 0))
    except Empty:
        raise TimeoutError("it takes too long") from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]
