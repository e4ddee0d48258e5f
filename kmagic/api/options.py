"""The options of a list or a watch, and the metadata of a list.

Source: k8s.io/apimachinery/pkg/apis/meta/v1/types.go (ListOptions, ListMeta)
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

__all__ = ("ListMeta", "ListOptions", "PatchType", "Propagation")

PatchType: TypeAlias = Literal["merge", "json", "strategic"]
Propagation: TypeAlias = Literal["", "Background", "Foreground", "Orphan"]


class ListOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a list or watch; None means not sent.

    Attributes:
        label_selector: ``"app=web,tier!=db"``.
        field_selector: ``"status.phase=Running"``.
        resource_version: "" or None newest, ``"0"`` any from the server's cache, else at least this one.
        resource_version_match: ``"Exact"`` or ``"NotOlderThan"``.
        limit: Objects a page; None or 0 for all.
        continue_token: Token of the previous page, which the server gave with it.
        timeout_seconds: The server ends the call after this time.
        allow_watch_bookmarks: The watch may send BOOKMARK events.
        send_initial_events: The watch begins with what exists, ending in a bookmark that says so.
    """

    label_selector: str | None = None
    field_selector: str | None = None
    resource_version: str | None = None
    resource_version_match: str | None = None
    limit: int | None = None
    continue_token: str | None = None
    timeout_seconds: int | None = None
    allow_watch_bookmarks: bool = False
    send_initial_events: bool | None = None

    def query(self) -> list[tuple[str, str]]:
        """The query parameters; zero values are left out."""
        pairs = [
            ("labelSelector", self.label_selector),
            ("fieldSelector", self.field_selector),
            ("resourceVersion", self.resource_version),
            ("resourceVersionMatch", self.resource_version_match),
            ("limit", str(self.limit) if self.limit else None),
            ("continue", self.continue_token),
            ("timeoutSeconds", str(self.timeout_seconds) if self.timeout_seconds else None),
            ("allowWatchBookmarks", "true" if self.allow_watch_bookmarks else None),
            (
                "sendInitialEvents",
                None if self.send_initial_events is None else str(self.send_initial_events).lower(),
            ),
        ]
        return [(key, value) for key, value in pairs if value]


class ListMeta(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"continue_token": "continue"}
    | {
        "resource_version": "resourceVersion",
        "remaining_item_count": "remainingItemCount",
    },
):
    """A list's own metadata.

    Attributes:
        resource_version: The version of the whole list; watch from here.
        continue_token: Token of the next page, or "" at the end.
        remaining_item_count: Number of objects on later pages, when the server knows.
    """

    resource_version: str = ""
    continue_token: str = ""
    remaining_item_count: int | None = None
