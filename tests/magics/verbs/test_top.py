"""%ktop beside the built kubectl: on a server of its own whose metrics are written by hand, and where there are none."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kmagic.errors import KubeError
from kmagic.magics.results.usage import KTop
from kmagic.sandbox.host.process import start
from tests.magics.conftest import Notebook


def definition(plural: str, kind: str, scope: str) -> str:
    return f"""apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {plural}.metrics.k8s.io
  annotations: {{api-approved.kubernetes.io: "unapproved, for a test"}}
spec:
  group: metrics.k8s.io
  scope: {scope}
  names: {{plural: {plural}, kind: {kind}, listKind: {kind}List}}
  versions:
  - name: v1beta1
    served: true
    storage: true
    schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
"""


def pod_metrics(name: str, *containers: tuple[str, str, str], namespace: str = "shop") -> str:
    used = ", ".join(f"{{name: {each}, usage: {{cpu: {cpu}, memory: {memory}}}}}" for each, cpu, memory in containers)
    return f"""apiVersion: metrics.k8s.io/v1beta1
kind: PodMetrics
metadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}
timestamp: "2026-01-01T00:00:00Z"
window: 30s
containers: [{used}]
"""


NODES = """apiVersion: metrics.k8s.io/v1beta1
kind: NodeMetrics
metadata: {name: node-0}
timestamp: "2026-01-01T00:00:00Z"
window: 30s
usage: {cpu: 1234567890n, memory: 2097152Ki}
---
apiVersion: metrics.k8s.io/v1beta1
kind: NodeMetrics
metadata: {name: node-big}
timestamp: "2026-01-01T00:00:00Z"
window: 30s
usage: {cpu: "3", memory: 100Mi}
"""
PODS = """apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - {name: main, image: nginx, resources: {requests: {cpu: 200m, memory: 64Mi}, limits: {cpu: 400m, memory: 128Mi}}}
  - {name: side, image: nginx}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec: {containers: [{name: db, image: nginx}]}
"""


@pytest.fixture(scope="module")
def measured() -> Iterator[str]:
    """A sandbox with a metrics API."""
    process = start()
    yield str(process.kubeconfig)
    process.stop()


Kubectl = Callable[[str], tuple[str, int]]


@pytest.fixture
def both(at: Any, measured: str, kubectl_path: str) -> tuple[Notebook, Kubectl]:
    """A notebook and kubectl there; what is to be measured is written once more, which changes nothing."""
    notebook: Notebook = at(measured)
    notebook.ok(
        f"%%kapply\n{definition('pods', 'PodMetrics', 'Namespaced')}---\n{definition('nodes', 'NodeMetrics', 'Cluster')}"
    )
    notebook.ok("%kwait crd/pods.metrics.k8s.io crd/nodes.metrics.k8s.io --for condition=Established --timeout 30s")
    notebook.ok("%%kapply\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}")
    notebook.ok("%kns shop")
    metrics = [
        pod_metrics("web", ("main", "350m", "120Mi"), ("side", "1500001n", "5000Ki")),
        pod_metrics("db", ("db", '"1"', "1Gi")),
        pod_metrics("gone", ("x", "1m", "1Mi"), namespace="default"),
    ]
    notebook.ok("%%kapply\n" + "---\n".join([*metrics, NODES]))
    notebook.ok("%%kapply\napiVersion: v1\nkind: Node\nmetadata: {name: node-big}")
    allocatable = '{"status": {"allocatable": {"cpu": "4", "memory": "1Gi"}, "capacity": {"cpu": "8", "memory": "0"}}}'
    notebook.ok(f"%kpatch node node-big --subresource status -p '{allocatable}'")
    notebook.ok(f"%%kapply\n{PODS}")

    def kubectl(line: str) -> tuple[str, int]:
        done = subprocess.run(
            # Definitions are not served in protocol buffers, as metrics servers do.
            [kubectl_path, "--kubeconfig", measured, "-n", "shop", *line.split(), "--use-protocol-buffers=false"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        text = "\n".join(filter(None, (done.stdout.rstrip("\n"), done.stderr.strip("\n").removeprefix("error: "))))
        return "\n".join(line.rstrip() for line in text.split("\n")), done.returncode

    return notebook, kubectl


LINES = (
    "top pods",
    "top pod web",
    "top po -A",
    "top pods --containers",
    "top pods --containers -A --sort-by cpu",
    "top pods --sort-by memory",
    "top pods --sum",
    "top pods --sum --containers -A",
    "top pods --no-headers",
    "top pods -l app=web",
    "top pods -l app=none",
    "top pods --show-swap",
    "top pods --field-selector metadata.name=db",
    "top pod nope",
    "top nodes",
    "top node node-big",
    "top no --sort-by memory",
    "top nodes --show-capacity --no-headers",
    "top nodes --show-swap",
    "top node nope",
    "top nodes -l pool=none",
)


def test_it_says_what_kubectl_says(both: tuple[Notebook, Kubectl]) -> None:
    notebook, kubectl = both
    differ = []
    for line in LINES:
        wanted, code = kubectl(line)
        ran = notebook.run(f"%kubectl {line}")
        if ran.error is not None:
            got = str(getattr(ran.error, "message", ran.error))
            wanted = wanted.partition("): ")[2] if wanted.startswith("Error from server") else wanted
        else:
            got = ran.text.strip("\n")
        # Nodes without metrics come from a map of Go's, in no order.
        if sorted(got.split("\n")) != sorted(wanted.split("\n")) or (ran.error is not None) != (code != 0):
            differ.append(f"\n--- {line} ({code})\n{wanted}\n--- ours\n{got}")
    assert not differ, "".join(differ)


@pytest.mark.parametrize("line", ["top pods --sort-by name", "top pod web -l a=b", "top pod a b", "top node a -l b=c"])
def test_it_refuses_what_kubectl_refuses(line: str, both: tuple[Notebook, Kubectl]) -> None:
    notebook, kubectl = both
    assert kubectl(line)[1] != 0
    notebook.fails(f"%kubectl {line}")


def test_use_is_a_value(both: tuple[Notebook, Kubectl]) -> None:
    notebook, _ = both
    found = notebook.ok("%ktop pods").value
    assert isinstance(found, KTop)
    assert [(each.name, each.used and each.used.cpu) for each in found] == [("db", 1000), ("web", 352)]
    assert list(found.df["memory"]) == [1 << 30, (120 << 20) + (5000 << 10)]


def test_a_page_has_requests_and_limits_beside_it(both: tuple[Notebook, Kubectl]) -> None:
    notebook, _ = both
    notebook.shell.kernel = object()  # what a notebook's shell has
    try:
        found = notebook.ok("%ktop pods --containers").value
    finally:
        del notebook.shell.kernel
    web = next(each for each in found if each.container == "main")
    assert (web.requests and web.requests.cpu, web.limits and web.limits.memory) == (200, 128 << 20)
    # 350m of 400m, 120Mi of 128Mi
    assert "350m (87%)" in found.html
    assert "120Mi (93%)" in found.html


def test_no_metrics_are_an_error_and_a_page_shows_what_was_asked_for(online: Notebook, server: Any) -> None:
    online.ok(f"%%kapply\n{PODS}")
    assert "Metrics API not available" in online.fails("%ktop pods")
    assert "Metrics API not available" in online.fails("%ktop nodes")
    online.shell.kernel = object()  # what a notebook's shell has
    try:
        ran = online.run("%ktop pods")
    finally:
        del online.shell.kernel
    assert isinstance(ran.error, KubeError)
    assert "Metrics API not available" in ran.error.message
    assert "200m" in ran.html
    assert [each.name for each in online.shell.user_ns["_k"]] == ["db", "web"]
