"""A blocking class shows the words of its async twin."""

from __future__ import annotations

from kmagic.sync.documentation import documented_by


class _Async:
    """Reads things."""

    async def get(self) -> None:
        """Gets one: ``thing = await things.get()``, or ``async for thing in things``."""

    async def own(self) -> None:
        """Of the async side."""


@documented_by(_Async)
class _Blocking:
    def get(self) -> None:
        pass

    def own(self) -> None:
        """Of the blocking side."""


def test_missing_docstrings_come_from_the_twin_without_await() -> None:
    assert _Blocking.__doc__ == "Reads things."
    assert _Blocking.get.__doc__ == "Gets one: ``thing = things.get()``, or ``for thing in things``."


def test_a_docstring_of_its_own_stays() -> None:
    assert _Blocking.own.__doc__ == "Of the blocking side."
