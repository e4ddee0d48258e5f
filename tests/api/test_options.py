"""What a list or watch asks for."""

from __future__ import annotations

import msgspec
import pytest

from kmagic.api.options import ListMeta, ListOptions


@pytest.mark.parametrize(
    ("options", "query"),
    [
        (ListOptions(), []),
        (ListOptions(limit=0, resource_version=""), []),
        (
            ListOptions(label_selector="a=b", field_selector="metadata.name=x", limit=500, continue_token="t"),
            [("labelSelector", "a=b"), ("fieldSelector", "metadata.name=x"), ("limit", "500"), ("continue", "t")],
        ),
        (
            ListOptions(
                resource_version="0",
                resource_version_match="NotOlderThan",
                timeout_seconds=30,
                allow_watch_bookmarks=True,
                send_initial_events=False,
            ),
            [
                ("resourceVersion", "0"),
                ("resourceVersionMatch", "NotOlderThan"),
                ("timeoutSeconds", "30"),
                ("allowWatchBookmarks", "true"),
                ("sendInitialEvents", "false"),
            ],
        ),
    ],
)
def test_only_what_was_said_is_sent(options: ListOptions, query: list[tuple[str, str]]) -> None:
    assert options.query() == query


def test_a_lists_metadata_has_wire_names() -> None:
    found = msgspec.json.decode(
        b'{"resourceVersion":"5","continue":"t","remainingItemCount":3,"selfLink":"x"}', type=ListMeta
    )
    assert found == ListMeta(resource_version="5", continue_token="t", remaining_item_count=3)
