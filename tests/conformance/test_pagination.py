from typing import Any

import pytest

from kmagic import errors
from kmagic.api.options import ListOptions
from kmagic.client.pager import Pager
from tests.conformance.objects import configmap


@pytest.fixture
async def five(maps: Any) -> Any:
    for index in range(5):
        await maps.create(configmap(f"cm-{index}", labels={"page": "yes"}))
    return maps


def names(items: Any) -> Any:
    return [item["metadata"]["name"] for item in items]


ALL = [f"cm-{index}" for index in range(5)]


async def test_MI_04_pages_hold_what_was_asked_for(five: Any) -> None:
    options = ListOptions(label_selector="page=yes", limit=2)
    first = await five.list_page(options)
    assert names(first) == ALL[:2]
    assert first.continue_token
    second = await five.list_page(ListOptions(label_selector="page=yes", limit=2, continue_token=first.continue_token))
    assert names(second) == ALL[2:4]
    assert second.resource_version == first.resource_version


async def test_MI_04_the_last_page_has_no_token(five: Any) -> None:
    pages = [page async for page in five.pages(ListOptions(label_selector="page=yes", limit=2))]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert pages[-1].continue_token == ""


async def test_lists_and_pages_take_the_same_words(five: Any) -> None:
    words = {"label_selector": "page=yes", "limit": 2}
    options = ListOptions(**words)
    assert names(await five.list(**words)) == names(await five.list(options)) == ALL
    for pages in (five.pages(**words), five.pages(options)):
        assert [names(page) async for page in pages] == [ALL[:2], ALL[2:4], ALL[4:]]
    with pytest.raises(errors.ArgumentError, match="limit"):
        await five.list(options, limit=2)


async def test_MI_04_a_list_with_a_limit_joins_its_pages(five: Any) -> None:
    found = await five.list(label_selector="page=yes", limit=2)
    assert names(found) == ALL
    assert found.continue_token == ""
    assert found.resource_version


async def test_remaining_items_are_counted_without_selectors(five: Any) -> None:
    page = await five.list_page(ListOptions(limit=2))
    assert page.remaining_item_count >= 3


@pytest.mark.parametrize("options", [{"label_selector": "page=yes"}, {"field_selector": "metadata.name!=none"}])
async def test_remaining_items_are_not_counted_with_selectors(five: Any, options: Any) -> None:
    page = await five.list_page(ListOptions(limit=2, **options))
    assert (len(page.items), page.remaining_item_count) == (2, None)
    assert page.continue_token


@pytest.mark.parametrize("match", [None, "NotOlderThan"])
async def test_the_watch_cache_knows_no_limit(five: Any, match: Any) -> None:
    page = await five.list_page(ListOptions(limit=2, resource_version="0", resource_version_match=match))
    assert len(page.items) >= 5
    assert page.continue_token == ""


async def test_pages_show_one_moment(five: Any) -> None:
    first = await five.list_page(ListOptions(label_selector="page=yes", limit=3))
    await five.create(configmap("cm-9", labels={"page": "yes"}))
    await five.delete("cm-4")
    rest = await five.list_page(ListOptions(label_selector="page=yes", limit=3, continue_token=first.continue_token))
    assert names(rest) == ["cm-3", "cm-4"]


async def test_a_broken_continue_token_is_refused(five: Any) -> None:
    with pytest.raises((errors.BadRequestError, errors.ExpiredError)):
        await five.list_page(ListOptions(limit=2, continue_token="nonsense"))


async def test_a_continue_token_and_a_version_together_are_refused(five: Any) -> None:
    first = await five.list_page(ListOptions(limit=2))
    with pytest.raises(errors.BadRequestError, match="specifying resource version is not allowed when using continue"):
        await five.list_page(ListOptions(limit=2, continue_token=first.continue_token, resource_version="5"))


async def test_MI_05_each_item_in_order(five: Any) -> None:
    seen = []

    async def handle(item: Any) -> None:
        seen.append(item["metadata"]["name"])

    await Pager(five.list_page, page_size=2).each(handle, ListOptions(label_selector="page=yes"))
    assert seen == ALL


async def test_an_exact_version_shows_the_past(five: Any) -> None:
    version = (await five.list(label_selector="page=yes")).resource_version
    await five.delete("cm-0")
    past = await five.list(label_selector="page=yes", resource_version=version, resource_version_match="Exact")
    assert names(past) == ALL
    assert past.resource_version == version


async def test_not_older_than_shows_the_present(five: Any) -> None:
    version = (await five.list(label_selector="page=yes")).resource_version
    await five.delete("cm-0")
    found = await five.list(label_selector="page=yes", resource_version=version, resource_version_match="NotOlderThan")
    assert int(found.resource_version) >= int(version)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resource_version": "0", "resource_version_match": "Exact"}, "resourceVersionMatch"),
        ({"resource_version_match": "Exact"}, "resourceVersionMatch"),
        ({"resource_version": "5", "resource_version_match": "Foo"}, "resourceVersionMatch"),
    ],
)
async def test_bad_version_matches_are_invalid(maps: Any, options: Any, message: Any) -> None:
    with pytest.raises(errors.InvalidError, match=message):
        await maps.list(**options)
