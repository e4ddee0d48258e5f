"""Any strategic patch has the result of the real server on the sandbox, and is refused where that refuses it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kmagic
from kmagic.api.types import JSONObject
from kmagic.client.hooks import Hooks
from kmagic.errors import ConflictError, StatusError, TransportError
from kmagic.sync.resource import Resource
from tests.cluster.fixture import ExternalCluster
from tests.conftest import Server

QUIET = Hooks(on_warning=None)


def container(name: str) -> JSONObject:
    return {
        "name": name,
        "image": "i",
        "args": ["x", "y"],
        "env": [{"name": each, "value": "1"} for each in "ABC"],
        "ports": [{"containerPort": port} for port in (80, 81)],
    }


OBJECT: JSONObject = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "d",
        "finalizers": ["example.com/a", "example.com/b"],
        "annotations": {"n": "1", "m": "2"},
    },
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "x"}},
        "template": {
            "metadata": {"labels": {"app": "x"}},
            "spec": {
                "containers": [container(name) for name in "abcd"],
                "volumes": [{"name": name, "emptyDir": {}} for name in "vw"],
                "imagePullSecrets": [{"name": name} for name in "pq"],
                "tolerations": [{"key": "k", "operator": "Exists"}],
                "nodeSelector": {"s": "1", "t": "2"},
            },
        },
    },
}


def rarely(draw: Any, value: Any, parts: int = 12) -> Any:
    return value if draw(st.integers(1, parts)) == 1 else None


@st.composite
def keyed(draw: Any, field: str, key: str, pool: list[Any], item: st.SearchStrategy[JSONObject]) -> JSONObject:
    """A list that is merged by a key, its directives and its order."""
    made: JSONObject = {}
    names = draw(st.lists(st.sampled_from(pool), max_size=4))
    if draw(st.booleans()):
        made[field] = []
        for name in names:
            directive = draw(st.sampled_from([None] * 12 + ["delete"] * 5 + ["replace", "merge", "odd"]))
            each = {key: name} if directive else {key: name, **draw(item)}
            made[field].append({**each, "$patch": directive} if directive else each)
    if draw(st.booleans()):
        order = list(dict.fromkeys(each[key] for each in made.get(field, ()) if "$patch" not in each))
        for name in draw(st.lists(st.sampled_from(pool), max_size=3)):
            if name not in order:
                order.insert(draw(st.integers(0, len(order))), name)
        if draw(st.integers(1, 10)) == 1:
            order = draw(st.permutations(order))
        made[f"$setElementOrder/{field}"] = [{key: name} for name in order]
    return made


@st.composite
def scalars(draw: Any, field: str, pool: list[str]) -> JSONObject:
    """A list that is merged as a set; it deletes nothing that it adds, where the real server throws dice."""
    made: JSONObject = {}
    if draw(st.booleans()):
        made[field] = draw(st.lists(st.sampled_from(pool), max_size=3))
    if draw(st.booleans()):
        gone = [each for each in pool if each not in made.get(field, ())]
        made[f"$deleteFromPrimitiveList/{field}"] = draw(st.lists(st.sampled_from(gone), max_size=3)) if gone else []
    if draw(st.booleans()):
        order = [*made.get(field, ()), *draw(st.lists(st.sampled_from(pool), max_size=2))]
        made[f"$setElementOrder/{field}"] = list(dict.fromkeys(order))
    return made


@st.composite
def mapping(draw: Any, pool: list[str], values: list[Any]) -> JSONObject:
    """A map that is merged, with directives."""
    made = draw(st.dictionaries(st.sampled_from(pool), st.sampled_from(values), max_size=3))
    directive = rarely(draw, draw(st.sampled_from(["replace", "delete", "merge"])))
    if directive:
        made["$patch"] = directive
    elif draw(st.integers(1, 8)) == 1:
        made["$retainKeys"] = draw(st.lists(st.sampled_from(pool), max_size=3))
    return made


def merged(*parts: st.SearchStrategy[JSONObject]) -> st.SearchStrategy[JSONObject]:
    """All of the parts in one object, each half of the time."""
    maybe = [st.one_of(st.just({}), part) for part in parts]
    return st.tuples(*maybe).map(lambda drawn: {key: value for each in drawn for key, value in each.items()})


env = keyed("env", "name", ["A", "B", "C", "D"], st.sampled_from([{"value": "1"}, {"value": "2"}, {"value": None}, {}]))
ports = keyed("ports", "containerPort", [80, 81, 82], st.sampled_from([{}, {"name": "p"}, {"protocol": "UDP"}]))
image = st.sampled_from([{"image": "i"}, {"image": "j"}])
containers = keyed(
    "containers", "name", ["a", "b", "c", "d", "e"], merged(image, env, ports, scalars("args", ["x", "y", "z"]))
)
volume = st.sampled_from(
    [
        {"emptyDir": {}},
        {"secret": {"secretName": "s"}},
        {"$retainKeys": ["name", "secret"], "secret": {"secretName": "s"}},
        {"$retainKeys": ["name"], "secret": {"secretName": "s"}},
        {"secret": {"secretName": "s"}, "emptyDir": None},
    ]
)
pod = merged(
    containers,
    keyed("volumes", "name", ["v", "w", "x"], volume),
    keyed("imagePullSecrets", "name", ["p", "q", "r"], st.just({})),
    keyed("tolerations", "key", ["k", "l"], st.just({"operator": "Exists"})),
    mapping(["s", "t", "u"], ["9", None]).map(lambda drawn: {"nodeSelector": drawn}),
    st.sampled_from([{"nodeSelector": []}, {"containers": None}, {"containers": ["x"]}, {"containers": [None]}]),
)
annotations = mapping(["n", "m", "o"], ["3", None]).map(lambda drawn: {"annotations": drawn})
finalizers = scalars("finalizers", [f"example.com/{each}" for each in "abc"])
strategy = mapping(["type", "rollingUpdate"], ["Recreate", None]).map(lambda drawn: {"strategy": drawn})
patches = merged(
    merged(finalizers, annotations).map(lambda drawn: {"metadata": drawn}),
    merged(pod.map(lambda drawn: {"template": {"spec": drawn}}), strategy).map(lambda drawn: {"spec": drawn}),
    pod.map(lambda drawn: {"spec": {"template": {"spec": drawn}}}),
)


@pytest.fixture(scope="module")
def both(sandbox: Server, cluster: ExternalCluster) -> Iterator[list[Resource[JSONObject]]]:
    """The Deployments of a namespace of the sandbox and of the real server, with the same one in each."""
    namespace = f"conf-{uuid.uuid4().hex[:8]}"
    clients = [kmagic.Client(kubeconfig, hooks=QUIET) for kubeconfig in (sandbox.kubeconfig, cluster.kubeconfig)]
    for client in clients:
        client.resource("namespaces").create({"metadata": {"name": namespace}})
        client.resource("deploy", namespace=namespace).create(OBJECT)
    yield [client.resource("deploy", namespace=namespace) for client in clients]
    for client in clients:
        client.resource("deploy", namespace=namespace).patch("d", {"metadata": {"finalizers": None}})
        client.resource("namespaces").delete(namespace)
        client.close()


def answer(deployments: Resource[JSONObject], patch: JSONObject) -> Any:
    """What becomes of the Deployment; "refused" for what is no patch, the code for what leaves no valid object."""
    while True:
        try:
            found = deployments.patch("d", patch, type="strategic", dry_run=True)
        except ConflictError:
            continue  # its controller wrote meanwhile
        except TransportError:
            return "refused"  # the real server panics and hangs up
        except StatusError as error:
            # Of several faults Go tells the one that it comes to first, in the order of its maps, which is none.
            return "refused" if error.status["code"] in (400, 500) else error.status["code"]
        metadata = found["metadata"]
        notes = {key: value for key, value in metadata.get("annotations", {}).items() if "/" not in key}
        return found["spec"], metadata.get("finalizers"), notes


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(patch=patches)
def test_the_sandbox_answers_every_strategic_patch_as_the_real_server(
    both: list[Resource[JSONObject]], patch: JSONObject
) -> None:
    ours, real = (answer(deployments, patch) for deployments in both)
    assert ours == real
