"""The same work on many pieces, a few at a time.

Source: k8s.io/client-go/util/workqueue/parallelizer.go.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

__all__ = ("parallelize_until",)


async def parallelize_until(
    workers: int,
    pieces: int,
    do_piece: Callable[[int], Awaitable[object]],
    *,
    chunk_size: int = 1,
    stop: anyio.Event | None = None,
    on_error: Callable[[int, Exception], None] | None = None,
) -> None:
    """Calls ``do_piece(0)`` to ``do_piece(pieces - 1)``, at most `workers` at a time, and waits for all.

    Cancelling the caller cancels running pieces too; `stop` lets them end.

    Args:
        workers: Number of pieces that run at a time.
        pieces: Number of pieces.
        do_piece: Gets the number of a piece.
        chunk_size: Pieces a worker takes at once.
        stop: Once set, no further piece is begun.
        on_error: Gets the piece and its error, and the rest goes on; without it the first error cancels the others
            and is raised in an exception group.
    """
    size = max(1, chunk_size)
    chunks = iter(range(0, pieces, size))

    async def worker() -> None:
        for start in chunks:
            for piece in range(start, min(start + size, pieces)):
                if stop is not None and stop.is_set():
                    return
                try:
                    await do_piece(piece)
                except Exception as error:
                    if on_error is None:
                        raise
                    on_error(piece, error)

    async with anyio.create_task_group() as tasks:
        for _ in range(min(workers, -(-pieces // size))):
            tasks.start_soon(worker)
