"""Several asynchronous generators run side by side, their records in one stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from typing import TypeVar

T = TypeVar("T")


async def merged(streams: Iterable[AsyncGenerator[T, None]], *, waiting: int = 64) -> AsyncGenerator[T, None]:
    """What the streams yield, as it comes. The first exception of one ends all; so does leaving this one early.

    At most `waiting` records are held.
    """
    queue: asyncio.Queue[tuple[bool, T | BaseException | None]] = asyncio.Queue(waiting)

    async def drain(stream: AsyncGenerator[T, None]) -> None:
        try:
            async for item in stream:
                await queue.put((False, item))
        except Exception as error:
            await queue.put((True, error))
        else:
            await queue.put((True, None))
        finally:
            await stream.aclose()

    tasks = [asyncio.create_task(drain(stream)) for stream in streams]
    try:
        running = len(tasks)
        while running:
            is_end, item = await queue.get()
            if not is_end:
                yield item  # type: ignore[misc]
            elif isinstance(item, BaseException):
                raise item
            else:
                running -= 1
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
