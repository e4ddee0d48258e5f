"""Leaving a task group that was entered by hand, as context managers with background tasks do."""

from __future__ import annotations

import anyio.abc

__all__ = ("leave",)


async def leave(tasks: anyio.abc.TaskGroup, error: BaseException | None) -> bool:
    """Cancels the tasks and waits for them.

    Args:
        tasks: The group.
        error: What ended the body, as ``__aexit__`` is told. An error of its own stays what it is instead of being
            wrapped in an exception group.

    Returns:
        What ``__aexit__`` has to return: whether the error is dealt with (a cancellation by the group itself).
    """
    tasks.cancel_scope.cancel()
    if isinstance(error, Exception):
        await tasks.__aexit__(None, None, None)
        return False
    kind = type(error) if error is not None else None
    return bool(await tasks.__aexit__(kind, error, error.__traceback__ if error is not None else None))
