"""parallelize_until: every piece once, never more workers than asked."""

from __future__ import annotations

import anyio
import pytest

from kmagic.controller.parallelize import parallelize_until


@pytest.mark.parametrize("chunk", [0, 1, 7, 100, 2000])
@pytest.mark.parametrize("workers", [1, 8, 16])
@pytest.mark.parametrize("pieces", [0, 1, 1000])
async def test_WQ_14_A24_every_piece_is_done_once(pieces: int, workers: int, chunk: int) -> None:
    seen = [0] * pieces
    running = most = 0

    async def work(piece: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await anyio.lowlevel.checkpoint()
        seen[piece] += 1
        running -= 1

    await parallelize_until(workers, pieces, work, chunk_size=chunk)
    assert seen == [1] * pieces
    assert most <= min(workers, -(-pieces // max(chunk, 1)))


async def test_WQ_14_after_stop_running_pieces_end_and_no_other_begins() -> None:
    stop = anyio.Event()
    done: list[int] = []

    async def work(piece: int) -> None:
        if piece == 3:
            stop.set()
        await anyio.lowlevel.checkpoint()
        done.append(piece)

    await parallelize_until(2, 100, work, stop=stop)
    assert set(done) <= {0, 1, 2, 3, 4}
    assert 3 in done


async def test_WQ_14_errors_go_to_the_handler_and_the_rest_goes_on() -> None:
    errors: list[tuple[int, str]] = []
    done: list[int] = []

    async def work(piece: int) -> None:
        if piece % 2:
            raise ValueError(f"odd {piece}")
        done.append(piece)

    await parallelize_until(3, 6, work, on_error=lambda piece, error: errors.append((piece, str(error))))
    assert sorted(done) == [0, 2, 4]
    assert sorted(errors) == [(1, "odd 1"), (3, "odd 3"), (5, "odd 5")]
    with pytest.raises(ExceptionGroup):
        await parallelize_until(3, 6, work)
