"""The order of a list's pages, until the server leads nowhere.

Source: k8s.io/client-go/tools/pager/pager.go, which follows a server for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sized

__all__ = ("Pages",)

# A server that filters may send some; each costs it a whole page of reading.
_MAX_EMPTY_PAGES = 1000


class Pages:
    """Follows the continue tokens of one list."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._empty: int = 0

    def next(self, token: str, items: Sized) -> str:
        """Returns the token of the next page as it came, "" at the end.

        Args:
            token: The continue token of a page.
            items: The page's objects.

        Raises:
            ProtocolError: The server leads in a circle, or from one empty page to the next.
        """
        if not token:
            return ""
        self._empty = 0 if len(items) else self._empty + 1
        if token in self._tokens or self._empty > _MAX_EMPTY_PAGES:
            how = "sent a continue token twice" if token in self._tokens else "sends one empty page after the other"
            raise ProtocolError(
                f"the server's list has no end: it {how}",
                hint="ask for the list without a limit; the server, or an API server behind it, is at fault",
            )
        self._tokens.add(token)
        return token
