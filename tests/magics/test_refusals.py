"""What kubectl refuses before any request, magics refuse before any request, too; kubectl itself is asked."""

from __future__ import annotations

import shlex
import subprocess
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from kmagic.errors import UsageError
from tests.magics.conftest import Notebook

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cluster.fixture import ExternalCluster

REFUSED = [
    pytest.param("delete -f {file} cm keep", "not both", id="delete: files and names"),
    pytest.param("delete -f {file} cm/keep", "not both", id="delete: files and type/name"),
    pytest.param("delete cm keep -o bogus", "is one of name, not 'bogus'", id="delete: another output"),
    pytest.param("delete cm keep --force --grace-period=5", "--force and --grace-period greater than 0", id="force"),
    pytest.param("delete cm keep --now --grace-period=10", "--now and --grace-period cannot", id="now and a period"),
    pytest.param("delete cm keep --now --grace-period=0", "--now and --grace-period cannot", id="now and no period"),
    pytest.param("delete cm --all -l a=b", "cannot set --all and --selector", id="delete: all and selector"),
    pytest.param("delete cm --all --field-selector a=b", "cannot set --all and --field-selector", id="all and fields"),
    pytest.param("delete cm keep -l a=b", "name cannot be provided when a selector", id="delete: name and selector"),
    pytest.param("delete cm keep --all", "name cannot be provided when a selector", id="delete: name and all"),
    pytest.param("delete cm keep -A", "by name across all namespaces", id="delete: a name everywhere"),
    pytest.param("delete cm", "say which", id="delete: a type alone"),
    pytest.param("delete cm/keep pods", "no need to specify a resource type", id="type/name and a type"),
    pytest.param("delete cm a --timeout=60", "did you mean 60s?", id="delete: a time without a unit"),
    pytest.param("delete cm a --cascade=sometimes", "background, foreground, orphan", id="delete: another cascade"),
    pytest.param("apply -f {file} cm keep", "objects are not named here", id="apply: names"),
    pytest.param("apply cm", "objects are not named here", id="apply: no files"),
    pytest.param("get pods a/b/c", "no need to specify a resource type", id="get: a type and two slashes"),
    pytest.param("get a/b/c", "more than one slash", id="get: two slashes"),
    pytest.param("get pods/", "a single resource and name", id="get: no name"),
    pytest.param("get /web", "a single resource and name", id="get: no type"),
    pytest.param("get pods,svc/web", "a single resource and name", id="get: two types before a slash"),
    pytest.param("get -f {file} pods", "not both", id="get: files and a type"),
    pytest.param("get pods --subresource=status", "bulk resources", id="get: a subresource of all"),
    pytest.param("get pods -o yaml --show-labels", "--show-labels is for tables", id="get: labels in yaml"),
    pytest.param("get pods -o custom-columns=A:.a -L app", "--label-columns is for tables", id="get: label columns"),
    pytest.param("get pods --request-timeout=soon", "takes a time", id="no time"),
    pytest.param("get pods web -l a=b", "name cannot be provided", id="get: name and selector"),
    pytest.param("rollout restart deploy/web --to-revision=1", "goes with rollout undo", id="restart to a revision"),
    pytest.param("rollout pause deploy/web --timeout=3s", "goes with rollout status", id="pause with a time"),
    pytest.param("rollout history deploy/web --timeout=3s", "goes with rollout status", id="history with a time"),
    pytest.param("rollout resume deploy/web -w", "goes with rollout status", id="resume and watch"),
    pytest.param("rollout status deploy/web --dry-run", "goes with rollout undo", id="status as a dry run"),
    pytest.param("rollout undo", "which type of object", id="undo nothing"),
    pytest.param("rollout status deploy/web --timeout=60", "did you mean 60s?", id="status: no unit"),
    pytest.param("scale deploy/web", "say how many", id="scale: not how many"),
    pytest.param("scale deploy/web --replicas=-1", "0 or more", id="scale: less than none"),
    pytest.param("scale deploy/web --replicas=1 --current-replicas=-2", "-1 or more", id="scale: from less than none"),
    pytest.param("scale deploy --replicas=1", "say which", id="scale: a type alone"),
    pytest.param("label pods --all -l a=b x=y", "cannot set --all and --selector", id="label: all and selector"),
    pytest.param("label pods web", "say what to set", id="label: nothing to set"),
    pytest.param("annotate pods --all -l a=b x=y", "cannot set --all and --selector", id="annotate: all and selector"),
    pytest.param("patch cm/a -p '{}' --patch-file x", "say the patch once", id="patch: twice"),
    pytest.param("patch cm/a", "say the patch once", id="patch: no patch"),
    pytest.param("patch cm/a -p '{}' --type=apply", "strategic, merge, json", id="patch: another type"),
    pytest.param("wait pod/web --for=nonsense", "unrecognized condition", id="wait: no condition"),
    pytest.param("wait pod/web --for=delete --timeout=5", "did you mean 5s?", id="wait: no unit"),
    pytest.param("wait pods --for=delete", "say which", id="wait: a type alone"),
    pytest.param("logs web -l a=b", "only a selector (-l) or a Pod's name", id="logs: name and selector"),
    pytest.param("logs web -c a --all-containers", "--all-containers", id="logs: one and all containers"),
    pytest.param("logs web main -c a", "only one of -c or an inline", id="logs: two containers"),
    pytest.param("logs web a b", "at most a container", id="logs: three words"),
    pytest.param("logs web --since=1m --since-time=2026-01-01T00:00:00Z", "not both", id="logs: since twice"),
    pytest.param("logs web --since=-5s", "--since must be greater than 0", id="logs: since the future"),
    pytest.param("logs web --tail=-2", "--tail must be greater than or equal to -1", id="logs: tail"),
    pytest.param("logs web --limit-bytes=-1", "--limit-bytes must be greater than 0", id="logs: no bytes"),
    pytest.param("get pods --limit=-1", "--limit must be 0 or more", id="get: no objects"),
    pytest.param("apply -f ''", "-f needs the name of a file", id="apply: a file without a name"),
    pytest.param("forward web a:b:c", "invalid port format 'a:b:c'", id="forward: three parts"),
    pytest.param("logs", "say which Pod", id="logs: nothing"),
    pytest.param("logs a/b/c", "more than one slash", id="logs: two slashes"),
    pytest.param("exec web", "which command", id="exec: no command"),
    pytest.param("exec web id", "then -- and the command", id="exec: no dashes"),
    pytest.param("exec pod/ -- id", "a single resource and name", id="exec: no name"),
    pytest.param("port-forward web", "which ports", id="forward: no ports"),
    pytest.param("explain", "which type", id="explain: nothing"),
    pytest.param("explain pods services", "one type or field at a time", id="explain: two"),
    pytest.param("explain pods --max-depth=2", "goes with --recursive", id="explain: depth alone"),
    pytest.param("explain pods --recursive --max-depth=-1", "--max-depth", id="explain: no depth"),
    pytest.param("events --for pod", "must be TYPE/NAME", id="events: a type alone"),
    pytest.param("events --types Odd", "Normal or Warning", id="events: no such type"),
]

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: keep}\n"


# What kubectl prints line by line is a live table here.
OF_LIVE_VIEWS = [
    pytest.param("get pods -w --no-headers", "a live view cannot take --no-headers", id="get: headers of a live view"),
    pytest.param("events -w --no-headers", "a live view cannot take --no-headers", id="events: headers of a live view"),
    pytest.param("events -w -o yaml", "a live view is a table", id="events: a live view in yaml"),
    pytest.param("watch pods -o yaml", "is one of wide, not 'yaml'", id="watch: in yaml"),
]


@pytest.mark.parametrize(("line", "says"), [*REFUSED, *OF_LIVE_VIEWS])
def test_a_magic_refuses_it_before_any_request(line: str, says: str, offline: Notebook, tmp_path: Path) -> None:
    file = tmp_path / "keep.yaml"
    file.write_text(MANIFEST)
    ran = offline.run(f"%kubectl {line.format(file=file) if '{file}' in line else line}")
    assert isinstance(ran.error, UsageError), ran.error
    assert says in ran.error.message


POD = """apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: main, image: registry.example/x}]}
"""


@pytest.fixture(scope="module")
def namespace(cluster: ExternalCluster) -> Iterator[str]:
    """A namespace with a Pod, for what kubectl refuses only when it has seen the Pod."""
    name = f"refusals-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", name)
    cluster.kubectl("create", "--validate=false", "-n", name, "-f", "-", input=POD)
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.mark.parametrize(("line", "says"), REFUSED)
def test_kubectl_refuses_it(line: str, says: str, cluster: ExternalCluster, namespace: str, tmp_path: Path) -> None:
    file = tmp_path / "keep.yaml"
    file.write_text(MANIFEST)
    words = shlex.split(line.format(file=file) if "{file}" in line else line)
    done = subprocess.run(
        [cluster.kubectl_path, "-n", namespace, "--kubeconfig", cluster.kubeconfig, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "NotFound" not in done.stderr, f"{says}: the server refused it"
