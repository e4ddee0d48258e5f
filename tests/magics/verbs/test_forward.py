"""%kforward: on the real server, because the sandbox's containers listen nowhere."""

from __future__ import annotations

import socket
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from kmagic.errors import (
    ForbiddenError,
    NoMatchError,
    NotFoundError,
    ProtectedError,
    StatusError,
    StreamError,
    UsageError,
)
from kmagic.magics.work.forwarding import KForward
from tests.cluster.fixture import ExternalCluster
from tests.cluster.kwok_config import REFUSED_PORT
from tests.magics.conftest import Notebook, with_protected
from tests.magics.workload import deploy

WORLD = """%%kapply
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: main, port: 8000, targetPort: http}]
---
apiVersion: v1
kind: Service
metadata: {name: empty}
spec: {selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, labels: {app: web}}
spec: {containers: [{name: main, image: "nginx:1", ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: homeless}
spec: {nodeSelector: {no: where}, containers: [{name: main, image: "nginx:1"}]}
"""


@pytest.fixture
def namespace(cluster: ExternalCluster) -> Iterator[str]:
    name = f"magics-forward-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", name)
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def world(at: Any, cluster: ExternalCluster, namespace: str, tmp_path: Path) -> Notebook:
    """A Service with a ready Pod, a Service with none, and a Pod that no node takes."""
    notebook: Notebook = at(with_protected(cluster.kubeconfig, tmp_path / "both.kubeconfig"))
    notebook.ok(f"%kns {namespace}")
    notebook.ok(WORLD)
    notebook.ok("%kwait pod/web-0 --for condition=Ready --timeout 60s")
    notebook.ok("%kwait pod/homeless --for condition=PodScheduled=False --timeout 60s")
    return notebook


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def is_closed(port: int) -> bool:
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def free_port() -> int:
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("%kforward web-0 :8080", id="a Pod"),
        pytest.param("%kforward pod/web-0 :http", id="a port's name"),
        pytest.param("%kforward svc/web :main", id="a Service's port by name"),
        pytest.param("%kforward services/web :8000", id="a Service's port by number"),
        pytest.param("%kubectl port-forward svc/web :8000", id="as kubectl"),
    ],
)
def test_a_free_local_port_leads_to_it(world: Notebook, line: str) -> None:
    forward = world.ok(f"forward = {line}\nforward").value
    assert isinstance(forward, KForward)
    assert forward.url == f"http://127.0.0.1:{forward.local_port}"
    assert get(forward.url) == "hello from kwok\n"
    forward.stop()


def test_a_deployment_is_its_ready_pod(world: Notebook) -> None:
    deploy(world, "front", replicas=1)
    world.ok("%kwait pods -l app=front --for condition=Ready --timeout 60s")
    with world.ok("forward = %kforward deploy/front :80 :8080\nforward").value as forward:
        assert [get(url) for url in forward.urls] == ["hello from kwok\n"] * 2
    assert forward.state == "stopped"


def test_the_card_has_the_link_as_long_as_it_leads_somewhere(world: Notebook) -> None:
    ran = world.ok("forward = %kforward svc/web :main\nforward")
    forward = ran.value
    assert f'<a href="{forward.url}"' in ran.html
    assert repr(forward) == f"services/web · open · 0 connections\n{forward.url} -> 8000"
    world.ok("forward.stop()\nforward.stop()")
    assert is_closed(forward.local_port)
    shown = world.ok("forward")
    assert forward.url in shown.html
    assert "<a " not in shown.html
    assert "stopped" in shown.text


def test_a_broken_connection_is_told_and_the_next_one_works(world: Notebook) -> None:
    forward = world.ok(f"forward = %kforward web-0 :{REFUSED_PORT} :8080\nforward").value

    async def is_told() -> None:
        with anyio.fail_after(60):
            while not forward.error or forward.connections:
                await forward._opened.changed.wait()

    with socket.create_connection(("127.0.0.1", forward.local_port), timeout=60) as client:
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""
    world.session.runtime.run(is_told())
    assert "error forwarding" in world.ok("forward").text
    assert get(forward.urls[1]) == "hello from kwok\n"
    forward.stop()


def test_open_connections_are_counted_and_cut_by_stopping(world: Notebook) -> None:
    forward = world.ok("forward = %kforward web-0 :5000\nforward").value
    with socket.create_connection(("127.0.0.1", forward.local_port), timeout=60) as client:
        client.sendall(b"echo")
        assert client.recv(4) == b"echo"
        assert forward.connections == 1
        assert "open · 1 connection\n" in repr(forward)
        forward.stop()
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""
    assert forward.connections == 0


def test_running_a_cell_again_replaces_what_it_opened(world: Notebook) -> None:
    port = free_port()
    cell = f"first = %kforward web-0 {port}:8080\nsecond = %kforward web-0 :8080\n(first, second)"
    first, second = world.ok(cell).value
    assert (first.state, second.state) == ("open", "open")
    again, other = world.ok(cell).value
    assert (first.state, second.state) == ("stopped", "stopped")
    assert again.local_port == port
    assert get(again.url) == get(other.url) == "hello from kwok\n"
    # Another cell replaces nothing.
    third = world.ok("third = %kforward web-0 :8080\nthird").value
    assert (again.state, other.state, third.state) == ("open", "open", "open")


def test_an_edited_cell_is_the_same_cell(world: Notebook) -> None:
    port = free_port()
    world.shell.run_cell(f"forward = %kforward web-0 {port}:8080", cell_id="a")
    before = world.shell.user_ns["forward"]
    world.shell.run_cell(f"forward = %kforward svc/web {port}:main", cell_id="a")
    after = world.shell.user_ns["forward"]
    assert (before.state, after.state) == ("stopped", "open")
    assert get(after.url) == "hello from kwok\n"


def test_unloading_closes_the_ports(world: Notebook) -> None:
    forward = world.ok("forward = %kforward web-0 :8080\nforward").value
    world.ok("%unload_ext kmagic")
    assert forward.state == "stopped"
    assert is_closed(forward.local_port)


def test_a_busy_port_names_the_way_out(world: Notebook) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        ran = world.run(f"%kforward web-0 {port}:8080")
    assert isinstance(ran.error, StreamError)
    assert f"127.0.0.1:{port}" in ran.text
    assert ":8080 takes any free one" in ran.text
    assert "Traceback" not in ran.text


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%kforward nope :80", NotFoundError, 'pods "nope" not found', id="missing Pod"),
        pytest.param("%kforward web-1 :80", NotFoundError, "did you mean web-0", id="misspelt Pod"),
        pytest.param("%kforward svc/nope :80", NotFoundError, 'services "nope" not found', id="missing Service"),
        pytest.param("%kforward frob/web :80", NoMatchError, "frob", id="unknown type"),
        pytest.param("%kforward svc/empty :80", NotFoundError, "none of the 0 Pods", id="no ready Pod"),
        pytest.param("%kforward homeless :80", StreamError, "is not running", id="a Pod that does not run"),
        pytest.param("%kforward homeless :80", StreamError, "Unschedulable", id="why it does not"),
        pytest.param("%kforward svc/web :81", UsageError, "no port 81, only: 8000", id="unknown port"),
        pytest.param("%kforward svc/web :nope", UsageError, "no port named 'nope', only: main", id="unknown name"),
        pytest.param("%kforward cm/kube-root-ca.crt :80", UsageError, "neither a Pod nor", id="selects nothing"),
        pytest.param("%kforward web-0 :80 -n nope-nope", NotFoundError, "does not exist", id="unknown namespace"),
    ],
)
def test_what_cannot_be_reached_is_one_card(world: Notebook, line: str, kind: type[Exception], says: str) -> None:
    ran = world.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text
    assert "Traceback" not in ran.text


def test_a_protected_or_readonly_target_refuses(world: Notebook) -> None:
    for flags in ("", "--readonly"):
        world.protect(flags)
        assert isinstance(world.run("%kforward web-0 :80").error, ProtectedError)


def test_who_may_not_forward_is_told_at_once(world: Notebook, cluster: ExternalCluster, namespace: str) -> None:
    world.ok(f"%kctx --kubeconfig {cluster.readonly_kubeconfig} -n {namespace}")
    ran = world.run("%kforward web-0 :80")
    assert isinstance(ran.error, ForbiddenError)
    assert "pods/portforward" in ran.text


def test_the_sandbox_says_that_it_has_none(at: Any, sandbox: Any) -> None:
    notebook: Notebook = at(sandbox.kubeconfig)
    name = f"forward-{uuid.uuid4().hex[:8]}"
    (pod,) = deploy(notebook, name, replicas=1)
    ran = notebook.run(f"%kforward {pod} :80")
    assert type(ran.error) is StatusError
    assert "the sandbox does not simulate pods/portforward" in ran.text
    notebook.ok(f"%kdelete deploy {name}")


def test_other_machines_are_let_in_only_when_asked(world: Notebook) -> None:
    assert "--allow-remote" in world.fails("%kforward web-0 :8080 --address 127.0.0.2,0.0.0.0")
    forward = world.ok("forward = %kforward web-0 :8080 --address 127.0.0.2\nforward").value
    assert forward.url == f"http://127.0.0.2:{forward.local_port}"
    ran = world.ok("forward = %kforward web-0 :8080 --address 0.0.0.0 --allow-remote\nforward")
    assert ran.value.url == f"http://127.0.0.1:{ran.value.local_port}"
    assert "other machines can reach it" in ran.html


def test_a_shared_hub_is_warned_of(world: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/me/")
    assert "whose other users can reach it" in world.ok("forward = %kforward web-0 :8080\nforward").html


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("%kforward", "say which Pod", id="nothing"),
        pytest.param("%kforward web-0", "which ports", id="no port"),
        pytest.param("%kforward web-0 80:http:1", "invalid port format", id="three parts"),
        pytest.param("%kforward web-0 x:80", "error parsing local port 'x'", id="local port"),
        pytest.param("%kforward web-0 :0", "remote port must be > 0", id="port zero"),
        pytest.param("%kforward web-0 70000", "error parsing remote port '70000'", id="too high"),
        pytest.param("%kforward svc/ :80", "must have a single resource and name", id="no name"),
        pytest.param("%kforward web-0 :80 --address example", "not a valid IP", id="no address"),
        pytest.param("%kforward web-0 :80 --address 10.0.0.1", "--allow-remote", id="others can reach it"),
    ],
)
def test_a_mistake_is_one_card_and_nothing_is_sent(offline: Notebook, line: str, says: str) -> None:
    ran = offline.run(line)
    assert isinstance(ran.error, UsageError)
    assert says in ran.text
    assert "Traceback" not in ran.text
