"""Authentication: bearer tokens and their users.

Source: staging/src/k8s.io/apiserver/pkg/authentication, kubernetes v1.37.2
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import msgspec

from kmagic.sandbox import status

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("ANONYMOUS", "MASTERS", "Authenticator", "User")

MASTERS = "system:masters"
"""The group whose members may do everything."""


class User(msgspec.Struct, frozen=True):
    """An authenticated user."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""


ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
"""Who sends no token."""


class Authenticator:
    """Knows the tokens; they live as long as the server."""

    def __init__(self, tokens: Mapping[str, User]) -> None:
        self._tokens = dict(tokens)

    def add(self, token: str, user: User) -> None:
        """Accepts one more token, as TokenRequest makes them."""
        self._tokens[token] = user

    def authenticate(self, header: str) -> User:
        """The user of an Authorization header; without a token it is the anonymous one.

        Raises:
            APIError: 401 for an unknown token.
        """
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return ANONYMOUS
        user = self.user_of(token.strip())
        if user is None:
            raise status.unauthorized()
        return user

    def user_of(self, token: str) -> User | None:
        """The user of a token, or None."""
        for known, user in self._tokens.items():
            if hmac.compare_digest(known.encode(), token.encode()):
                groups = (*user.groups, "system:authenticated")
                return msgspec.structs.replace(user, groups=groups)
        return None
