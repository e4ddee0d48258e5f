"""Big lists page by page in blocking code, on both servers."""

from __future__ import annotations

import pytest

from kmagic.api.options import ListOptions
from kmagic.sync import Pager
from kmagic.sync.client import Client


def test_pages_come_one_by_one_and_together(client: Client, namespace: str) -> None:
    maps = client.core_v1.configmaps(namespace)
    for name in "abcde":
        maps.create({"metadata": {"name": name, "labels": {"made": "here"}}})
    mine = ListOptions(label_selector="made=here")
    pager = Pager(maps, page_size=2)
    assert [len(page) for page in pager.pages(mine)] == [2, 2, 1]
    assert [each.metadata.name for each in pager.list(mine)] == list("abcde")
    seen: list[str | None] = []
    pager.each(lambda each: seen.append(each.metadata.name), mine)
    assert seen == list("abcde")

    def refuse(_: object) -> None:
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        pager.each(refuse, mine)
