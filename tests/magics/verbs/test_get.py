"""%kget on running servers: what is shown is kubectl's, what comes back is Python's, and mistakes are one sentence."""

from __future__ import annotations

import json
import re
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from kmagic.api.terminal import UNSAFE
from kmagic.errors import ConnectError, ForbiddenError, NoMatchError, NotFoundError, UnauthorizedError, UsageError
from kmagic.magics.results.values import KGroup, KList, KObject
from kmagic.magics.work.live import KWatch
from tests.cluster.fixture import ExternalCluster
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy

CONFIG_MAPS = """%%kapply
apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: {app: web, tier: "2"}}
data: {count: "10"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b, labels: {app: db}}
data: {count: "9"}
"""


@pytest.fixture
def filled(online: Notebook) -> Notebook:
    online.ok(CONFIG_MAPS)
    return online


def test_one_name_is_an_object(filled: Notebook) -> None:
    found = filled.ok("%kget cm a").value
    assert isinstance(found, KObject)
    assert (found.name, found.data.count, found["metadata"]["labels"]["app"]) == ("a", "10", "web")
    assert found.kind == "ConfigMap"


def test_a_type_is_a_list_by_position_and_name(filled: Notebook) -> None:
    found = filled.ok("%kget cm -l app").value
    assert isinstance(found, KList)
    assert found.names == ["a", "b"]
    assert found["a"] == found[0]
    assert found[f"{found[0].ns}/b"].name == "b"
    assert [each.name for each in found.where(lambda each: each.data.count == "9")] == ["b"]


def test_several_types_are_a_group(filled: Notebook) -> None:
    ran = filled.ok("%kget cm,secret -l app")
    assert isinstance(ran.value, KGroup)
    assert ran.value["cm"].names == ["a", "b"]
    assert "configmap/a" in ran.text


@pytest.mark.parametrize(
    ("line", "kubectl"),
    [
        pytest.param("%kget cm -l app", "get cm -l app", id="a list"),
        pytest.param("%kget cm/a cm/b -o wide", "get cm/a cm/b -o wide", id="wide, by type and name"),
        pytest.param("%kget cm -l app --show-labels", "get cm -l app --show-labels", id="labels"),
        pytest.param("%kget cm -l app -L app,tier", "get cm -l app -L app,tier", id="label columns"),
        pytest.param("%kget cm -l app --no-headers", "get cm -l app --no-headers", id="no headers"),
        pytest.param("%kget cm a -o yaml", "get cm a -o yaml", id="yaml"),
        pytest.param("%kget cm -l app -o yaml", "get cm -l app -o yaml", id="yaml of a list"),
        pytest.param("%kget cm a -o json", "get cm a -o json", id="json"),
        pytest.param("%kget cm -l app -o name", "get cm -l app -o name", id="names"),
        pytest.param(
            "%kget cm -l app -o jsonpath={.items[*].data.count}",
            "get cm -l app -o jsonpath={.items[*].data.count}",
            id="jsonpath",
        ),
        pytest.param(
            "%kget cm -l app -o custom-columns=NAME:.metadata.name,T:.metadata.labels.tier",
            "get cm -l app -o custom-columns=NAME:.metadata.name,T:.metadata.labels.tier",
            id="custom columns",
        ),
        pytest.param(
            "%kget cm -l app --sort-by=.data.count", "get cm -l app --sort-by=.data.count", id="sorted by value"
        ),
        pytest.param(
            "%kget cm -l app --sort-by=.metadata.labels.tier",
            "get cm -l app --sort-by=.metadata.labels.tier",
            id="sorted by what one lacks",
        ),
        pytest.param("%kget cm -l app=none", "get cm -l app=none", id="nothing"),
        pytest.param("%kubectl get cm -l app", "get cm -l app", id="as kubectl"),
    ],
)
def test_what_is_shown_is_what_kubectl_prints(
    at: Any, cluster: ExternalCluster, line: str, kubectl: str, request: pytest.FixtureRequest
) -> None:
    notebook = at(cluster.kubeconfig)
    name = "magics-golden"
    notebook.run(f"%%kapply\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}")
    notebook.ok(f"%kns {name}")
    notebook.ok(CONFIG_MAPS)
    expected = cluster.kubectl(*kubectl.split(), "-n", name, check=False)
    shown = notebook.ok(line).text
    assert _ageless(shown) == _ageless(expected)


def _ageless(text: str) -> list[str]:
    """Words, since an age may tick between two commands."""
    return [word for word in text.split() if not re.fullmatch(r"(\d+[smhdy])+", word)]


STRANGE = {"a": "\x1b[31mred\x1b[0m", "b": "over\rwritten", "c": "two\nlines", "d": "a\ttab"}


@pytest.mark.parametrize(
    "columns", ["A:.data.a,B:.data.b", "C:.data.c,A:.data.a", "A:.data.a,C:.data.c,B:.data.b,D:.data.d,A:.data.a"]
)
def test_custom_columns_are_escaped_as_by_kubectl(at: Any, cluster: ExternalCluster, columns: str) -> None:
    notebook = at(cluster.kubeconfig)
    notebook.run("%%kapply\napiVersion: v1\nkind: Namespace\nmetadata: {name: magics-strange}")
    notebook.ok("%kns magics-strange")
    for number, data in enumerate((STRANGE, {}, {**STRANGE, "a": "longer " * 4, "c": "x"})):
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"s{number}"}, "data": data}
        notebook.ok(f"%%kapply\n{json.dumps(manifest)}")
    query = f"s0 s1 s2 -o custom-columns=NAME:.metadata.name,{columns}"
    expected = cluster.kubectl("get", "cm", *query.split(), "-n", "magics-strange")
    assert notebook.ok(f"%kget cm {query}").text.strip("\n") == expected.rstrip("\n")


def test_nothing_from_a_cluster_commands_the_terminal(filled: Notebook) -> None:
    data = {"n": "\x9b31mred", "o": "\x1b]0;title\x07", "p": "a\u202etxt.exe"}
    notes = {"metadata": {"name": "evil", "annotations": data}, "data": data}
    filled.ok(f"%%kapply\n{json.dumps({'apiVersion': 'v1', 'kind': 'ConfigMap', **notes})}")
    for line in ("%kdescribe cm evil", "%kget cm evil -o custom-columns=A:.data", "%kget cm evil -o json"):
        shown = filled.ok(line).text
        assert "\\u202e" in shown
        assert not UNSAFE.search(shown), line
    shown = filled.ok('%kpatch cm evil -p \'{"data": {"p": "\\u202e\\u001b[2J"}}\'').text
    assert "\\u202e^[[2J" in shown
    assert not UNSAFE.search(shown)


def test_values_of_a_jsonpath_are_python_values(filled: Notebook) -> None:
    assert filled.ok("%kget cm -l app -o jsonpath={.items[*].data.count}").value == ["10", "9"]
    assert filled.ok("%kget cm a -o jsonpath={.metadata.name}").value == "a"
    assert filled.ok("%kget cm a -o jsonpath={.data}").value == {"count": "10"}


NULLS = """%%kapply
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: PLURAL.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: PLURAL, kind: KIND}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""


def test_null_and_what_is_not_there_are_the_smallest(online: Notebook) -> None:
    plural = f"nulls{uuid.uuid4().hex[:8]}"
    online.ok(NULLS.replace("PLURAL", plural).replace("KIND", plural.title()))
    online.ok(f"%kwait crd/{plural}.example.com --for=condition=Established --timeout=60s")
    head = f"apiVersion: example.com/v1\nkind: {plural.title()}\nmetadata: {{name: %s}}\n%s\n"
    things = (("a", "size: 2"), ("b", "size: null"), ("c", "size: 1"), ("d", "other: 1"))
    online.ok("%%kapply\n" + "---\n".join(head % thing for thing in things))
    assert online.ok(f"%kget {plural} --sort-by=.size").value.names == ["b", "d", "c", "a"]
    online.ok(f"%kdelete crd {plural}.example.com --wait=false")


def test_an_empty_answer_is_an_empty_list(filled: Notebook) -> None:
    found = filled.ok("%kget cm -l app=none").value
    assert len(found) == 0
    assert "No resources found in magics-" in repr(found)


def test_a_missing_object_may_be_ignored(filled: Notebook) -> None:
    assert len(filled.ok("%kget cm nope --ignore-not-found").value) == 0


def test_a_list_can_be_cut(filled: Notebook) -> None:
    assert filled.ok("%kget cm -l app --limit 1").value.names == ["a"]


def test_names_seen_are_offered_for_completion(filled: Notebook) -> None:
    filled.ok("%kget cm")
    assert "a" in filled.session.memory.names("cm", "")


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%kget pdos", NoMatchError, "did you mean pods", id="unknown type"),
        pytest.param("%kget cm -n defalt", NotFoundError, 'namespace "defalt" does not exist', id="unknown namespace"),
        pytest.param("%kget cm -n defalt", NotFoundError, "did you mean default?", id="close namespace"),
        pytest.param("%kget cm kube-root-ca", NotFoundError, '"kube-root-ca" not found', id="unknown name"),
        pytest.param("%kget", UsageError, "say which type", id="no type"),
        pytest.param("%kget pod pod/x", UsageError, "no need to specify a resource type", id="type and type/name"),
        pytest.param(
            "%kget pod x -l a=b", UsageError, "name cannot be provided when a selector", id="name and selector"
        ),
        pytest.param("%kget pod x -A", UsageError, "across all namespaces", id="name everywhere"),
        pytest.param("%kget pods -l 'a in (b'", UsageError, "the selector cannot be read", id="bad selector"),
        pytest.param("%kget pods -o yamll", UsageError, "-o yamll is not known", id="unknown output"),
        pytest.param("%kget ns -o jsonpath={.items", UsageError, "jsonpath cannot be read", id="bad jsonpath"),
        pytest.param("%kget ns --sort-by=.nope", UsageError, "no object has the field", id="sorted by nothing"),
        pytest.param("%kget ns -o custom-columns=NAME", UsageError, "HEADER:.json.path", id="bad custom column"),
        pytest.param("%kget pods --request-timeout=soon", UsageError, "takes a time such as", id="bad duration"),
    ],
)
def test_a_mistake_is_one_card(online: Notebook, line: str, kind: type[Exception], says: str) -> None:
    ran = online.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text
    assert "Traceback" not in ran.text


def test_an_unknown_context_names_close_ones(offline: Notebook) -> None:
    assert "acme-prod" in offline.fails("%kget pods --context acme-prd")


def test_a_server_that_does_not_know_you_says_so(at: Any, cluster: ExternalCluster) -> None:
    notebook = at(cluster.expired_kubeconfig)
    ran = notebook.run("%kget pods")
    assert isinstance(ran.error, UnauthorizedError)
    assert "log in again" in ran.text


def test_who_may_not_is_told_who_they_are_and_what_is_missing(at: Any, cluster: ExternalCluster) -> None:
    notebook = at(cluster.readonly_kubeconfig)
    ran = notebook.run("%kget secrets")
    assert isinstance(ran.error, ForbiddenError)
    assert "cannot list resource" in ran.text
    assert "secrets" in ran.text


def test_an_unreachable_server_fails_within_five_seconds(offline: Notebook) -> None:
    begun = time.monotonic()
    assert isinstance(offline.run("%kget pods").error, ConnectError)
    assert time.monotonic() - begun < 5


def test_watching_is_the_live_view(filled: Notebook) -> None:
    ran = filled.ok("live = %kget cm -l app=web --watch\nlive")
    view = ran.value
    assert isinstance(view, KWatch)
    assert view.names == ["a"]
    # Nobody looks: a static table, and the view to work with.
    assert "<table>" in ran.html
    assert not any("application/vnd.jupyter.widget-view+json" in bundle for bundle in ran.bundles)
    filled.ok("%kdelete cm a")
    view.until(lambda rows: not rows, timeout=60)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("%kget cm -w -o yaml", "is a table", id="yaml"),
        pytest.param("%kget cm -w --sort-by=.metadata.name", "cannot take --sort-by", id="sorted"),
        pytest.param("%kget -w -f x.yaml", "cannot take --filename", id="files"),
        pytest.param("%kget cm -f x.yaml", "not both", id="files and names"),
    ],
)
def test_flags_that_exclude_each_other_are_named(offline: Notebook, line: str, says: str) -> None:
    assert says in offline.fails(line)


def test_files_name_what_to_read(filled: Notebook, tmp_path: Path) -> None:
    path = tmp_path / "maps.yaml"
    one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"
    path.write_text(one)
    found = filled.ok(f"%kget -f {path}").value
    assert (found.name, found.data.count) == ("b", "9")
    path.write_text(one + "---\n" + one.replace("name: b", "name: a"))
    assert filled.ok(f"%kget -f {path}").value.names == ["b", "a"]
    path.write_text(one.replace("name: b", "name: nope"))
    assert isinstance(filled.run(f"%kget -f {path}").error, NotFoundError)
    assert filled.ok(f"%kget -f {path} --ignore-not-found").value.names == []


def test_a_subresource_is_read_instead_of_the_object(online: Notebook) -> None:
    online.ok(
        "%%kapply\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: sub}\nspec:\n  replicas: 2\n"
        "  selector: {matchLabels: {app: sub}}\n  template:\n    metadata: {labels: {app: sub}}\n"
        "    spec: {containers: [{name: c, image: registry.example/x}]}\n"
    )
    assert online.ok("%kget deploy sub --subresource=scale -o jsonpath={.kind}").value == "Scale"
    assert online.ok("%kget deploy/sub --subresource scale -o jsonpath={.spec.replicas}").value == 2
    assert online.ok("%kget deploy/sub --subresource status -o jsonpath={.kind}").value == "Deployment"
    columns = online.ok("%kget deploy sub --subresource=scale").text
    assert "DESIRED" in columns
    assert "AVAILABLE" in columns


def test_columns_of_pods_are_data(online: Notebook) -> None:
    deploy(online, replicas=1)
    frame = online.ok("pods = %kget pods\npods.df").value
    assert str(frame.dtypes["restarts"]) == "int64"
    assert str(frame.dtypes["age"]) == "timedelta64[ns]"
    assert str(frame.dtypes["status"]) == "category"
    assert len(frame[(frame.restarts == 0) & (frame.age < "1h")]) == 1
    assert online.ok("pods.where(restarts=0)").value.names == online.ok("pods.names").value
    assert "as of 2" in online.ok("pods").html


def test_what_can_be_read_is_shown_beside_a_forbidden_type(at: Any, cluster: ExternalCluster) -> None:
    notebook = at(cluster.readonly_kubeconfig)
    ran = notebook.run("%kget namespaces,secrets --to r")
    assert isinstance(ran.error, ForbiddenError)
    assert "kube-system" in ran.text
    assert "kube-system" in notebook.shell.user_ns["r"].names
    assert isinstance(notebook.run("%kget secrets").error, ForbiddenError)


def test_names_that_exist_are_shown_beside_those_that_do_not(online: Notebook) -> None:
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: there}")
    ran = online.run("%kget cm nope there gone -o name")
    assert isinstance(ran.error, NotFoundError)
    assert "configmap/there" in ran.text
    assert 'configmaps "nope" not found' in ran.text
    assert 'also: configmaps "gone" not found' in ran.text
    assert online.shell.user_ns["_k"] == ["configmap/there"]
