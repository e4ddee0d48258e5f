"""Accessors give what their group makes, and front-ends can complete and explain them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter

import kmagic
from kmagic.client.groups import AsyncAppsV1
from kmagic.config.client_config import ClientConfig
from kmagic.sync.runtime import Runtime


def test_an_accessor_of_a_class_is_itself_and_says_what_it_is() -> None:
    assert AsyncAppsV1.deployments.__doc__ == "The deployments."
    assert kmagic.AsyncClient.apps_v1.__doc__ == "The apps_v1 group."


@pytest.fixture
def client() -> Iterator[kmagic.Client]:
    runtime = Runtime("test-accessors")
    with kmagic.Client(config=ClientConfig(server="http://127.0.0.1:1", namespace="shop"), runtime=runtime) as client:
        yield client
    runtime.stop()


def test_a_resource_is_made_anew_in_the_contexts_namespace(client: kmagic.Client) -> None:
    first = client.apps_v1.deployments
    assert first.namespace == "shop"
    assert first is not client.apps_v1.deployments
    assert client.core_v1.pods("other").namespace == "other"


@pytest.mark.parametrize("jedi", [True, False])
def test_completion_names_groups_and_resources(client: kmagic.Client, jedi: bool) -> None:
    completer = IPCompleter(namespace={"client": client}, use_jedi=jedi)
    with provisionalcompleter():
        for text, wanted in (("client.apps_", "apps_v1"), ("client.apps_v1.deploy", "deployments")):
            offered = {each.text.rpartition(".")[2] for each in completer.completions(text, len(text))}
            assert wanted in offered
