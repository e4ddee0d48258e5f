"""One request on a resource, after it was authenticated, named and authorized."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kmagic.sandbox.access.authentication import User
from kmagic.sandbox.endpoints import options, patching
from kmagic.sandbox.endpoints.request_info import Target
from kmagic.sandbox.registry.objects import Options

__all__ = ("Call",)


class Call(msgspec.Struct, frozen=True):
    """One request: where, what, by whom."""

    target: Target
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    user: User

    @property
    def user_agent(self) -> str:
        """The client's User-Agent."""
        return self.headers.get("user-agent", "")

    def write_options(self) -> Options:
        """The options of the create, update or patch.

        Raises:
            APIError: 422 for an option that does not exist.
        """
        verb, apply = self.target.verb, self.content_type in patching.APPLY_TYPES
        return options.write_options(self.query, self.user_agent, verb, apply=apply and verb == "patch")

    @property
    def content_type(self) -> str:
        """The body's media type."""
        return self.headers.get("content-type", "").partition(";")[0].strip()
