"""Quotas and limit ranges of a namespace."""

from typing import Any

import pytest

from kmagic.sandbox.admission.quotas import usage
from kmagic.sandbox.status import APIError


def create(client: Any, kind: Any, name: Any, **fields: Any) -> Any:
    return client.create(
        {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "default"}, **fields}
    )


def pod(client: Any, name: Any, **resources: Any) -> Any:
    return create(client, "Pod", name, spec={"containers": [{"name": "c", "image": "i", "resources": resources}]})


def test_a_quota_counts_what_is_asked_for(still: Any) -> None:
    create(still, "ResourceQuota", "q", spec={"hard": {"pods": "2", "requests.cpu": "1"}})
    pod(still, "a", requests={"cpu": "600m"})
    with pytest.raises(APIError, match="exceeded quota: q") as caught:
        pod(still, "b", requests={"cpu": "600m"})
    assert caught.value.code == 403
    pod(still, "c", requests={"cpu": "400m"})
    with pytest.raises(APIError, match="exceeded quota"):
        pod(still, "d", requests={"cpu": "0"})
    used = usage(still.store, still.catalog, "default", {})
    assert (str(used["pods"]), str(used["requests.cpu"])) == ("2", "1")


def test_a_limit_range_gives_defaults_and_refuses_more(still: Any) -> None:
    limits = [{"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "100m"}, "max": {"cpu": "2"}}]
    create(still, "LimitRange", "l", spec={"limits": limits})
    made = pod(still, "a").decode()["spec"]["containers"][0]["resources"]
    assert made == {"limits": {"cpu": "1"}, "requests": {"cpu": "100m"}}
    with pytest.raises(APIError, match="maximum cpu usage per Container is 2"):
        pod(still, "b", limits={"cpu": "3"})
