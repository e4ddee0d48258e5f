"""What completion asks of a server: names, labels, containers, values; for a moment, and never a dead one twice."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kmagic.magics import complete
from kmagic.magics.session.asking import BUDGET_SECONDS, Answers
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy

CRD = """%%kapply
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: parts.asking.example.com}
spec:
  group: asking.example.com
  scope: Namespaced
  names: {kind: Part, plural: parts, singular: part}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: string, enum: [small, large]}
              loud: {type: boolean}
"""


def offered(notebook: Notebook, text: str) -> list[str]:
    found = complete.complete(text, notebook.session.sources)
    assert found is not None
    return [item.text for item in found.items]


def test_what_nobody_has_read_yet_is_offered(online: Notebook) -> None:
    deploy(online, replicas=1)
    namespace = online.session.target.namespace
    online.ok("%reload_ext kmagic")
    online.ok(f"%kns {namespace} --force")
    assert offered(online, "%kget deploy we") == ["web"]
    assert offered(online, "%kget pods -l app=") == ["app=web"]
    assert namespace in offered(online, "%kget pods -n magics-")
    assert offered(online, f"%kget deploy -n {namespace} ") == ["web"]
    assert offered(online, "%klogs deploy/web -c ") == ["main"]
    assert "customresourcedefinitions" in offered(online, "%kget customr")
    assert offered(online, "%kget deploy --context acme-prod -n default ") == [""]
    assert "acme-prod" in offered(online, "%kctx acme")
    (pod,) = (each for each in offered(online, "%kexec we"))
    assert offered(online, f"%kexec {pod} -c ") == ["main"]


def test_what_is_gone_is_offered_no_more(online: Notebook) -> None:
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: short-lived}")
    assert offered(online, "%kget cm short") == ["short-lived"]
    namespace = online.session.target.namespace
    online.session.place.sync_client().core_v1.configmaps(namespace).delete("short-lived")
    later = Answers(online.session.place, online.session.runtime, {})
    assert list(later.names("cm", "")) == list(later.names("configmaps", namespace))
    assert "short-lived" not in later.names("cm", "")


def test_kinds_values_and_keys_of_manifests(online: Notebook) -> None:
    online.ok(CRD)
    assert "Deployment" in offered(online, "%%kapply\nkind: Depl")
    assert offered(online, "%%kapply\nkind: Deployment\napiVersion: ap") == ["apps/v1"]
    assert "LoadBalancer" in offered(online, "%%kapply\napiVersion: v1\nkind: Service\nspec:\n  type: ")
    namespace = online.session.target.namespace
    assert offered(online, f"%%kapply\nkind: Pod\nmetadata:\n  namespace: {namespace[:-1]}") == [namespace]
    part = "%%kapply\napiVersion: asking.example.com/v1\nkind: Part\nspec:\n  "
    online.ok("%kexplain parts.spec")  # its schema is published a moment after the type
    assert offered(online, f"{part}lo") == ["loud"]
    assert offered(online, f"{part}size: ") == ["small", "large"]
    assert offered(online, f"{part}loud: t") == ["true"]
    assert offered(online, "%%kapply\napiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: f") == ["false"]
    online.ok("%kdelete crd parts.asking.example.com")


class Mute:
    """A server that takes connections and says nothing; counts them."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.taken: list[socket.socket] = []
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        while True:
            try:
                self.taken.append(self._socket.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for each in self.taken:
            each.close()
        self._thread.join()


@pytest.fixture
def mute() -> Iterator[Mute]:
    server = Mute()
    yield server
    server.close()


def config(server: str, user: str = "token: t") -> str:
    return (
        "apiVersion: v1\nkind: Config\ncurrent-context: dev\n"
        f"clusters: [{{name: dev, cluster: {{server: '{server}'}}}}]\n"
        "contexts: [{name: dev, context: {cluster: dev, user: me}}]\n"
        f"users: [{{name: me, user: {{{user}}}}}]\n"
    )


def test_a_server_that_does_not_answer_is_asked_once(at: Any, tmp_path: Any, mute: Mute) -> None:
    path = tmp_path / "mute"
    path.write_text(config(f"http://127.0.0.1:{mute.port}"))
    notebook = at(path)
    assert offered(notebook, "%kget pods we") == ["we"]
    asked = len(mute.taken)
    assert asked >= 1
    assert offered(notebook, "%kget deploy we") == ["we"]
    assert offered(notebook, "%kget -n x") == ["x"]
    assert len(mute.taken) == asked
    assert notebook.session.memory.silent
    assert BUDGET_SECONDS <= 1.0  # JupyterLab's own patience


def test_a_server_that_is_not_there_is_asked_once_and_again_after_a_magic_reached_it(offline: Notebook) -> None:
    assert offered(offline, "%kget pods we") == ["we"]
    assert offline.session.memory.silent
    offline.run("%kget pods")
    assert offline.session.memory.silent


def test_no_tab_starts_a_login(at: Any, tmp_path: Any, mute: Mute) -> None:
    path, ran = tmp_path / "plugin", tmp_path / "ran"
    plugin = (
        "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, "
        f"command: touch, args: ['{ran}']}}"
    )
    path.write_text(config(f"https://127.0.0.1:{mute.port}", plugin))
    notebook = at(path)
    assert offered(notebook, "%kget pods we") == ["we"]
    assert not ran.exists()
    assert not mute.taken


def test_without_a_kubeconfig_what_is_known_anyway_is_offered(at: Any, tmp_path: Any) -> None:
    notebook = at(tmp_path / "missing")
    assert "pods" in offered(notebook, "%kget po")
    assert offered(notebook, "%%kapply\napiVersion: v1\nkind: Service\nsp") == ["spec"]
