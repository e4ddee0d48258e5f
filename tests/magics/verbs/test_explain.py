"""%kexplain on running servers, beside kubectl explain."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from kmagic.errors import NoMatchError, UsageError
from kmagic.magics.results.explanation import KExplain
from tests.magics.conftest import Notebook

# Word for word as kubectl prints them: kinds, lists, maps, enums, other versions, types that contain themselves.
BUILT_IN = (
    "pods",
    "pod",
    "Pod.spec",
    "pods.spec.containers",
    "po.spec.containers.imagePullPolicy",
    "pods.spec.containers.ports.protocol",
    "pods.spec.volumes.configMap.items.key",
    "pods.metadata.labels",
    "pods.spec --recursive",
    "pods --recursive --max-depth=2",
    "deployments.spec.strategy",
    "deployments.apps.spec",
    "deploy.metadata.managedFields",
    "deploy -R",
    "svc.spec.ports.targetPort",
    "hpa.spec.metrics",
    "hpa --api-version=autoscaling/v1",
    "secrets.data",
    "nodes.status",
    "events",
    "crd.spec.versions.schema.openAPIV3Schema",
    "crd --recursive",
)

CRD = """%%kapply
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.example.com}}
spec:
  group: example.com
  scope: Namespaced
  names: {{kind: {kind}, plural: {plural}, singular: {singular}, shortNames: [{plural}sh]}}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        description: A shop sells things.
        required: [spec]
        properties:
          spec:
            type: object
            required: [name]
            properties:
              name: {{type: string, description: "The name over the door.   It may be long, very long, as long as it
                takes to fill more than one line of a terminal that is eighty characters wide."}}
              colour: {{type: string, enum: ["", red, green, blue, white], default: red}}
              weight: {{type: number, enum: [1, 2.5]}}
              open: {{type: boolean, default: true}}
              port: {{x-kubernetes-int-or-string: true}}
              anything: {{type: object, x-kubernetes-preserve-unknown-fields: true}}
              shelves:
                type: array
                description: |-
                  What is on them:
                    - one
                    - two
                items: {{type: object, required: [goods], properties: {{goods: {{type: array, items: {{type: string}}}}}}}}
              prices: {{type: object, additionalProperties: {{type: object, properties: {{euros: {{type: integer}}}}}}}}
              more: {{type: string, externalDocs: {{description: All of it., url: "https://example.com/more"}}}}
"""
CUSTOM = (
    "{plural}",
    "{plural}sh.spec",
    "{plural}.example.com.spec.shelves",
    "{plural}.spec.shelves.goods",
    "{plural}.spec.prices.euros",
    "{plural}.spec.colour",
    "{plural}.spec.weight",
    "{plural}.spec.more",
    "{kind} --recursive",
)


@pytest.fixture
def shops(online: Notebook) -> Iterator[dict[str, str]]:
    """A type of the test's own."""
    word = f"shop{uuid.uuid4().hex[:8]}"
    names = {"plural": f"{word}s", "singular": word, "kind": word.capitalize()}
    online.ok(CRD.format(**names))
    online.ok(f"%kwait crd {word}s.example.com --for condition=Established --timeout 60s")
    # Discovery lists the type a moment later; each look at it that misses waits for the next one.
    deadline = time.monotonic() + 60
    while isinstance(online.run(f"%kexplain {word}s").error, NoMatchError) and time.monotonic() < deadline:
        pass
    yield names
    online.ok(f"%kdelete crd {word}s.example.com")


def explained(notebook: Notebook, words: str) -> KExplain:
    found = notebook.ok(f"%kexplain {words}").value
    assert isinstance(found, KExplain)
    return found


def test_built_in_types_are_told_in_kubectls_words(online: Notebook, server: Any, cluster: Any) -> None:
    for words in BUILT_IN:
        expected = cluster.kubectl("explain", *words.split(), kubeconfig=server.kubeconfig)
        assert explained(online, words).text == expected, words


def test_custom_types_are_told_in_kubectls_words(
    online: Notebook, shops: dict[str, str], server: Any, cluster: Any
) -> None:
    for line in CUSTOM:
        words = line.format(**shops)
        expected = cluster.kubectl("explain", *words.split(), kubeconfig=server.kubeconfig)
        assert explained(online, words).text == expected, words


def test_what_is_shown_is_the_text_and_a_tree(online: Notebook) -> None:
    ran = online.ok("%kexplain deploy.spec")
    assert ran.text.strip().startswith(
        "GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nFIELD: spec <DeploymentSpec>"
    )
    assert "<details><summary><code>template</code>" in ran.html
    assert "✱ required" in ran.html
    assert "<code>RollingUpdate</code>" in ran.html
    assert len(ran.html) < 60_000
    assert len(online.ok("%kexplain pods --recursive").html) < 160_000


def test_schemas_are_values_in_python(online: Notebook) -> None:
    container = explained(online, "pods.spec.containers")
    assert (container.path, container.type, container.required) == ("pods.spec.containers", "[]Container", True)
    assert container.schema["type"] == "array"
    port = container.fields["ports"].fields
    assert port["containerPort"].required
    assert port["protocol"].default == "TCP"
    assert {"TCP", "UDP"} <= set(port["protocol"].enum)
    assert "Number of port" in port["containerPort"].description
    assert explained(online, "deploy").fields["spec"].schema["required"] == ["selector", "template"]


def test_a_new_type_is_explained_and_completed(online: Notebook, shops: dict[str, str]) -> None:
    plural = shops["plural"]
    colour = explained(online, f"{plural}.spec.colour")
    assert colour.enum == ["", "red", "green", "blue", "white"]
    assert colour.default == "red"
    assert list(online.session.memory.paths(f"{plural}.spec.s")) == [f"{plural}.spec.shelves"]
    assert list(online.session.memory.paths(f"{plural}sh.spec.prices.")) == [f"{plural}sh.spec.prices.euros"]


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%kexplain", UsageError, "say which type or field", id="nothing"),
        pytest.param("%kexplain pods spec", UsageError, "one type or field at a time", id="two words"),
        pytest.param("%kexplain pods/web", UsageError, "write TYPE.FIELD.FIELD", id="an object"),
        pytest.param("%kexplain pods.spec.containers[0]", UsageError, "write TYPE.FIELD.FIELD", id="an item"),
        pytest.param("%kexplain pods --max-depth 2", UsageError, "goes with --recursive", id="a depth alone"),
        pytest.param("%kexplain pods -R --max-depth -1", UsageError, "--max-depth is 0", id="a depth below 0"),
        pytest.param("%kexplain pods -o yaml", UsageError, "plaintext", id="another output"),
        pytest.param("%kexplain pdos", NoMatchError, "did you mean pods", id="a misspelt type"),
        pytest.param("%kexplain pods.spec.containrs", UsageError, "did you mean containers", id="a misspelt field"),
        pytest.param("%kexplain pods.spec.zzz.x", UsageError, "there are activeDeadlineSeconds", id="no such field"),
        pytest.param("%kexplain pods.kind.x", UsageError, "no fields below it", id="below a string"),
        pytest.param("%kexplain hpa --api-version autoscaling/v9", NoMatchError, "autoscaling/v2", id="no version"),
    ],
)
def test_a_mistake_is_one_card(online: Notebook, line: str, kind: type[Exception], says: str) -> None:
    ran = online.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text
    assert "Traceback" not in ran.text
