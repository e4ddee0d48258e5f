import pytest

from kmagic import errors
from tests.conformance.objects import configmap, pod


def names(items):
    return [item["metadata"]["name"] for item in items]


@pytest.fixture
async def labelled(maps):
    await maps.create(configmap("a", labels={"suite": "s", "app": "web", "tier": "front"}))
    await maps.create(configmap("b", labels={"suite": "s", "app": "web", "tier": "back"}))
    await maps.create(configmap("c", labels={"suite": "s", "app": "db"}))
    return maps


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("app=web", "ab"),
        ("app==web", "ab"),
        ("app!=web", "c"),
        ("app in (web,db)", "abc"),
        ("app notin (web)", "c"),
        ("tier", "ab"),
        ("!tier", "c"),
        ("app=web,tier=back", "b"),
        ("app=web,tier!=back", "a"),
        ("tier notin (back)", "ac"),
        ("app in (web),tier in (front,back)", "ab"),
        ("app=none", ""),
    ],
)
async def test_label_selectors(labelled, selector, found):
    assert names(await labelled.list(label_selector=f"suite=s,{selector}")) == list(found)


@pytest.mark.parametrize("selector", ["a=b=c", "a in", "x in (a", "=b", "a b", "!"])
async def test_bad_label_selectors_are_refused(maps, selector):
    with pytest.raises(errors.BadRequestError):
        await maps.list(label_selector=selector)


@pytest.mark.parametrize(
    ("selector", "found"),
    [("metadata.name=a", "a"), ("metadata.name!=a,metadata.name!=b", "c"), ("metadata.name=a,metadata.name=b", "")],
)
async def test_field_selectors(labelled, selector, found):
    assert names(await labelled.list(label_selector="suite=s", field_selector=selector)) == list(found)


async def test_field_selector_of_the_namespace(client, labelled, ns):
    everywhere = client.resource("configmaps", namespace=None)
    found = await everywhere.list(label_selector="suite=s", field_selector=f"metadata.namespace={ns}")
    assert names(found) == ["a", "b", "c"]


async def test_field_selectors_of_pods(client, ns):
    pods = client.resource("pods", namespace=ns)
    await pods.create(pod("a"))
    await pods.create(pod("b", nodeName="no-such-node", restartPolicy="Never"))
    assert names(await pods.list(field_selector="status.phase=Pending")) == ["a", "b"]
    assert names(await pods.list(field_selector="status.phase=Running")) == []
    assert names(await pods.list(field_selector="spec.nodeName=no-such-node")) == ["b"]
    assert names(await pods.list(field_selector="spec.restartPolicy=Never")) == ["b"]
    assert names(await pods.list(field_selector="spec.schedulerName=nobody,spec.nodeName=")) == ["a"]


@pytest.mark.parametrize("selector", ["spec.foo=bar", "data.x=1"])
async def test_fields_that_cannot_be_selected_are_refused(maps, selector):
    with pytest.raises(errors.BadRequestError, match="is not a known field selector: only"):
        await maps.list(field_selector=selector)
