"""The notebooks run top to bottom, on the sandbox and on a real server, and show what client-go's examples show."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import pytest

from tests.cluster.fixture import ExternalCluster
from tests.notebooks.notebook import NOTEBOOKS, ROOT, run, shown

# What each must show, in this order, wherever it runs; the lines of client-go's examples where it is one of them.
SHOWS = {
    "02-from-kubectl": ["successfully rolled out", "~ spec.replicas: 2 → 3", "did you mean --selector", "deleted"],
    "03-out-of-cluster-client": [
        r"There are \d+ pods in the cluster",
        "Pod example-xxxxx in namespace default not found",
        "stat no-such-kubeconfig: no such file or directory",
    ],
    "04-in-cluster-client": [
        r"There are \d+ pods in the cluster",
        "Pod example-xxxxx not found in default namespace",
        "ForbiddenError 403",
    ],
    "05-create-update-delete": (
        deployment := [
            "Creating deployment...",
            'Created deployment "demo-deployment".',
            "Updating deployment...",
            "Updated deployment...",
            "Listing deployments in namespace",
            r" \* demo-deployment \(1 replicas\)",
            "Deleting deployment...",
            "Deleted deployment.",
        ]
    ),
    "06-dynamic-client": deployment,
    "07-work-queues": [
        "a is being worked on; 1 waits",
        r"\[0.005, 0.01, 0.02, 0.04, 0.08\] then after forget: 0.005",
        r"Pod \S+/mypod does not exist anymore",
        "Sync/Add/Update for Pod demo",
        r"Pod \S+/demo does not exist anymore",
    ],
    "08-leader-election": [
        "a: Controller loop...",
        "b: New leader elected: a",
        "a: Leader lost",
        "b: Controller loop...",
        "c: New leader elected: b",
        "b: Leader lost",
        "c: Controller loop...",
    ],
    "09-sample-controller": [
        "foo.samplecontroller.k8s.io/example-foo condition met",
        "~ spec.replicas: 1 → 3",
        'Warning ErrResourceExists Resource "taken" already exists and is not managed by Foo',
        r"in the cache: \['example-foo', 'unlucky'\]",
    ],
    "10-caches": [
        r"\[\('MODIFIED', 'a'\), \('DELETED', 'b'\)\]",
        r"DeltaFIFO: \[\['Added x', 'Updated x'\], \['Added y'\]\]",
        r"RealFIFO:  \['Added x', 'Added y', 'Updated x'\]",
        "update a: {'colour': 'red'} -> {'colour': 'white'}",
    ],
    # The sandbox plays containers: exec and ports are refused, or there, wherever it runs.
    "11-pods-from-python": [
        "talker Running",
        r"the first line is \d+ characters long",
        "exec -> (3|refused)",
        "stdin -> (through and back|refused)",
        r"session -> (\(b'one', 0\)|refused)",
        "port_forward -> (True|refused)",
        "talker is None",
    ],
    "12-apply-and-conflicts": [
        'conflict with "kmagic": .data.colour',
        "- data.size: small",
        'with "robot": .data.colour',
    ],
    "13-controller-with-tests": [
        "decides as it should",
        "reconciling default/a failed: etcdserver: no leader",
        "passed: test_a_copy_that_somebody_changed_is_mended",
        r"settings-copy {'colour': 'blue'} failing: {}",
        "the copy went with its source",
    ],
    "14-incident": [
        "ALERT shop: 1 unavailable, 3 of 3 serve",
        r"Unschedulable - 0/\d+ nodes are available",
        "revision 2 nginx:1.27 on nodes with {'disk': 'fast'}",
        "rolled back",
        "node selector: {}",
        "the same Pods as before: True",
        "restarts: 0",
    ],
    "15-protected-cluster": ["blue → red", "not applied", "applied to", "acme-prod", "%kdelete was not run"],
    "16-a-lesson": [
        "✘ two replicas: not yet",
        "✔ two replicas",
        "✘ somebody answers: not yet: the Service looks for",
        "✔ somebody answers",
        "✔ nobody is left",
    ],
}


def path_of(name: str) -> Path:
    return ROOT / "notebooks" / f"{name}.ipynb"


def check(name: str, texts: list[str]) -> None:
    assert re.search(".*?".join(SHOWS[name]), "\n".join(texts), re.DOTALL), "\n".join(texts)


@pytest.mark.parametrize("name", SHOWS)
def test_a_notebook_shows_what_it_promises_on_the_sandbox(name: str, tmp_path: Path) -> None:
    check(name, shown(run(path_of(name), tmp_path)))


@pytest.mark.parametrize("name", SHOWS)
def test_a_notebook_shows_the_same_on_a_real_server(name: str, tmp_path: Path, cluster: ExternalCluster) -> None:
    namespace = f"notebook-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", namespace)
    here = f"here = %kctx --kubeconfig {cluster.kubeconfig} -n {namespace}"
    try:
        check(name, shown(run(path_of(name), tmp_path, cluster=here)))
    finally:
        cluster.kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_committed_notebook_reads_as_one_run_wrote_it(path: Path) -> None:
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for output in (output for cell in cells for output in cell["outputs"]):
        assert output["output_type"] in ("stream", "execute_result", "display_data")
        assert set(output.get("data", {"text/plain": ""})) == {"text/plain"}  # no widget that needs its kernel
    assert "BEGIN " not in path.read_text()


def test_every_notebook_is_tried() -> None:
    assert {path.stem for path in NOTEBOOKS} == {*SHOWS, "01-tour"}
