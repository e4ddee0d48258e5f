"""What the server fills in and what it refuses, for built-in kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import configmap, deployment, pod, service
from tests.conftest import Server


async def test_a_deployment_gets_its_defaults(client: AsyncClient, ns: str) -> None:
    made = await client.resource("deploy", namespace=ns).create(deployment("d", replicas=None))
    spec = made["spec"]
    assert (spec["replicas"], spec["revisionHistoryLimit"], spec["progressDeadlineSeconds"]) == (1, 10, 600)
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
    template = spec["template"]["spec"]
    assert (template["restartPolicy"], template["dnsPolicy"]) == ("Always", "ClusterFirst")
    container = template["containers"][0]
    assert container["imagePullPolicy"] == "IfNotPresent"
    assert container["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    assert made["metadata"]["generation"] == 1


async def test_a_pod_gets_its_defaults(client: AsyncClient, ns: str) -> None:
    made = await client.resource("po", namespace=ns).create(pod("p"))
    assert made["status"] == {"phase": "Pending", "qosClass": "BestEffort"}
    assert made["spec"]["serviceAccountName"] == "default"
    assert made["spec"]["terminationGracePeriodSeconds"] == 30
    assert made["spec"]["enableServiceLinks"] is True


async def test_a_service_gets_an_address(client: AsyncClient, ns: str) -> None:
    made = await client.resource("svc", namespace=ns).create(service("s"))
    assert made["spec"]["clusterIP"].count(".") == 3
    assert made["spec"]["type"] == "ClusterIP"
    assert made["spec"]["ports"] == [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 80}]


@pytest.mark.parametrize(
    ("kind", "make", "fields"),
    [
        pytest.param("deploy", lambda: deployment("d", replicas=-1), {"spec.replicas"}, id="negative replicas"),
        pytest.param("po", lambda: {**pod("p"), "spec": {"containers": []}}, {"spec.containers"}, id="no containers"),
        pytest.param("po", lambda: pod("p", image=""), {"spec.containers[0].image"}, id="no image"),
        pytest.param("po", lambda: pod("p", restartPolicy="Sometimes"), {"spec.restartPolicy"}, id="bad restart policy"),
        pytest.param("svc", lambda: {**service("s"), "spec": {"ports": [{"port": 70000}]}}, {"spec.ports[0].port"}, id="bad port"),
        pytest.param("cm", lambda: configmap("a", {"a b": "1"}), {"data[a b]"}, id="bad key"),
    ],
)  # fmt: skip
async def test_invalid_objects(client: AsyncClient, ns: str, kind: str, make: Callable[..., Any], fields: Any) -> None:
    with pytest.raises(errors.InvalidError) as caught:
        await client.resource(kind, namespace=ns).create(make())
    assert fields <= {cause["field"] for cause in caught.value.causes}
    assert caught.value.status["code"] == 422


async def test_a_selector_that_does_not_match_its_template_is_invalid(client: AsyncClient, ns: str) -> None:
    wrong = deployment("d")
    wrong["spec"]["selector"]["matchLabels"] = {"app": "other"}
    with pytest.raises(errors.InvalidError, match="`selector` does not match template `labels`"):
        await client.resource("deploy", namespace=ns).create(wrong)


async def test_a_wrong_type_is_a_bad_request(client: AsyncClient, ns: str) -> None:
    wrong = deployment("d")
    wrong["spec"]["replicas"] = "many"
    with pytest.raises(errors.BadRequestError, match="cannot be handled as a Deployment"):
        await client.resource("deploy", namespace=ns).create(wrong)


async def test_RE_20_an_unknown_field_is_a_warning(server: Server, ns: str) -> None:
    from kmagic.client.client import AsyncClient
    from kmagic.client.hooks import Hooks

    warnings = []
    async with AsyncClient(server.kubeconfig, hooks=Hooks(on_warning=warnings.append)) as client:
        made = await client.resource("cm", namespace=ns).create(
            {**configmap("a"), "unknown": 1}, field_validation="Warn"
        )
    assert "unknown" not in made
    assert warnings == ['unknown field "unknown"']


async def test_an_unknown_field_is_refused_when_strict(maps: AsyncResource[Any]) -> None:
    with pytest.raises(errors.BadRequestError, match='strict decoding error: unknown field "unknown"'):
        await maps.create({**configmap("a"), "unknown": 1}, field_validation="Strict")


async def test_an_unknown_field_is_dropped_when_ignored(maps: AsyncResource[Any]) -> None:
    assert "unknown" not in await maps.create({**configmap("a"), "unknown": 1}, field_validation="Ignore")


async def test_the_wrong_kind_is_a_bad_request(maps: AsyncResource[Any]) -> None:
    with pytest.raises(errors.BadRequestError, match="cannot be handled as a ConfigMap"):
        await maps.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}})


async def test_a_quota_is_enforced(client: AsyncClient, ns: str) -> None:
    await client.resource("quota", namespace=ns).create(
        {"metadata": {"name": "q"}, "spec": {"hard": {"services": "0"}}}
    )
    services = client.resource("svc", namespace=ns)
    with pytest.raises(errors.ForbiddenError, match="exceeded quota: q"):
        # The quota controller may need a moment to fill the status the check reads.
        for index in range(20):
            await services.create(service(f"s{index}"))


@pytest.mark.parametrize(("value", "place"), [("canary-77aa", 6), ("abc", 0), ("YQ=", 3), ("YQ==x", 4), ("é", 0)])
async def test_a_secrets_data_is_base64(client: AsyncClient, ns: Any, value: Any, place: Any) -> None:
    secrets = client.resource("secrets", namespace=ns)
    with pytest.raises(errors.BadRequestError, match=f"illegal base64 data at input byte {place}$"):
        await secrets.create({"metadata": {"name": "s"}, "data": {"k": value}})


async def test_a_secrets_data_is_written_in_one_way(client: AsyncClient, ns: Any) -> None:
    made = await client.resource("secrets", namespace=ns).create({"metadata": {"name": "s"}, "data": {"k": "Y\nR==\n"}})
    assert made["data"] == {"k": "YQ=="}
