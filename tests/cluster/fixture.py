"""A running control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok's kubelets.

Everything listens on loopback, on ports of its own, with a folder of its own: any number run side by side. Started
in a few seconds; `Cluster.apiserver.kill()` and its like are what the fault tests live on.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

import yaml

from tests.cluster import controlplane, kwok_config
from tests.cluster.process import Process, StartError, wait_for

__all__ = ("Cluster", "ExternalCluster")

NODES = ("node-0", "node-1", "node-2")
_READONLY_TOKEN = "readonly-token-of-a-test-cluster"
_ADDRESS = "127.0.0.1"


class ExternalCluster:
    """A cluster somebody else runs (`KMAGIC_TEST_CLUSTER`): used, never stopped.

    Attributes:
        kubeconfig: Path of the administrator's kubeconfig (client certificate).
        readonly_kubeconfig: The same server as a user (token) that is bound to the ClusterRole `view`.
        expired_kubeconfig: The same server with a token it does not know any more: 401.
        server: The server's URL.
        env: What a child process needs to use the cluster.
    """

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = str(kubeconfig)
        self.readonly_kubeconfig = str(kubeconfig.with_name("readonly.kubeconfig"))
        self.expired_kubeconfig = str(kubeconfig.with_name("expired.kubeconfig"))
        self.server: str = yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
        self.env = {"KUBECONFIG": self.kubeconfig}
        self.binaries = controlplane.ensure()

    @property
    def kubectl_path(self) -> str:
        """The built kubectl, for a process of one's own (port-forward, logs -f)."""
        return str(self.binaries.part("kubectl"))

    def kubectl(
        self,
        *args: str,
        input: str | None = None,  # noqa: A002 - the name subprocess.run has for it
        kubeconfig: str | None = None,
        check: bool = True,
        timeout: float = 60,
    ) -> str:
        """Runs kubectl as administrator, or with another kubeconfig.

        Returns:
            Its standard output; with `check=False` also what it said on standard error.

        Raises:
            AssertionError: It failed; the message holds what it said.
        """
        done = subprocess.run(
            [self.kubectl_path, *args],
            input=input,
            env={**os.environ, "KUBECONFIG": kubeconfig or self.kubeconfig, "HOME": str(Path(self.kubeconfig).parent)},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert not check or done.returncode == 0, f"kubectl {' '.join(args)}: {done.stderr.strip()}"
        return done.stdout if check else done.stdout + done.stderr


class Cluster(ExternalCluster):
    """A control plane of one's own.

    Attributes:
        folder: Where its certificates, kubeconfigs, data and logs (`<program>.log`) are.
        etcd: The store, as a process to kill or pause.
        apiserver: The API server; `start()` returns when it is ready.
        controller_manager: kube-controller-manager.
        scheduler: kube-scheduler.
        kwok: The simulated kubelets of the three nodes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.binaries = controlplane.ensure()
        ports = _free_ports(5)
        self.etcd_url = f"http://{_ADDRESS}:{ports[0]}"
        self._port, self._kwok_port = ports[2], ports[3]
        self._run("pki", str(folder))
        self._write_kubeconfigs()
        super().__init__(folder / "admin.kubeconfig")
        self.etcd = self._process("etcd", self._etcd_flags(ports[1]), self._etcd_ready)
        self.apiserver = self._process("kube-apiserver", self._apiserver_flags(), self.is_ready)
        self.controller_manager = self._process("kube-controller-manager", self._controller_manager_flags())
        self.scheduler = self._process("kube-scheduler", self._scheduler_flags())
        self.kwok = self._process("kwok", self._kwok_flags())

    @classmethod
    def start(cls) -> Self:
        """Starts a cluster in a folder of its own and waits until it is ready.

        Raises:
            BuildError: The binaries are missing and cannot be built.
            StartError: A program does not come up, three times in a row (a port may be taken in between).
        """
        for attempt in range(3):
            cluster = cls(Path(tempfile.mkdtemp(prefix="kmagic-cluster-")))
            try:
                cluster._start()
            except BaseException as error:
                cluster.stop()
                if not isinstance(error, StartError) or attempt == 2:
                    raise
            else:
                return cluster
        raise AssertionError("unreachable")

    def _start(self) -> None:
        self.etcd.launch()
        self.apiserver.launch()
        self.etcd.wait_ready()
        self.apiserver.wait_ready()
        for process in (self.controller_manager, self.scheduler, self.kwok):
            process.launch()
        objects = "---\n".join(yaml.safe_dump(o) for o in [*kwok_config.nodes(NODES), kwok_config.readonly_binding()])
        self.kubectl("create", "--validate=false", "-f", "-", input=objects)
        self.wait_ready()

    @property
    def processes(self) -> tuple[Process, ...]:
        """Every program, in the order to stop them."""
        return (self.kwok, self.scheduler, self.controller_manager, self.apiserver, self.etcd)

    def stop(self) -> None:
        """Ends everything at once and removes the folder."""
        for process in self.processes:
            process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_ready(self) -> bool:
        """Whether the API server answers /readyz with 200."""
        return self._get("/readyz")[0] == 200

    def wait_ready(self, *, timeout: float = 60.0) -> None:
        """Waits until pods can run: nodes ready, the default ServiceAccount there.

        Raises:
            StartError: They are not, after `timeout` seconds.
        """
        if not wait_for(self._converged, timeout, interval=0.1):
            logs = "\n".join(f"== {p.name} (pid {p.pid})\n{p.tail(8)}" for p in self.processes)
            raise StartError(f"the cluster did not become ready within {timeout:.0f} s\n{logs}")

    def compact(self) -> int:
        """Drops every old revision from etcd; returns the revision that is left.

        The API server learns of it within 15 seconds, and its watch cache goes on serving watches from its own
        window: `expire` makes old resource versions answer 410 at once.
        """
        return int(self._run("compact", self.etcd_url))

    def expire(self) -> int:
        """Restarts the API server around a compaction: older resource versions and continue tokens answer 410.

        Returns:
            The oldest revision that is left.
        """
        self.apiserver.stop()
        revision = self.compact()
        self.apiserver.start()
        return revision

    def _converged(self) -> bool:
        status, account = self._get("/api/v1/namespaces/default/serviceaccounts/default")
        status_nodes, nodes = self._get("/api/v1/nodes")
        if (status, status_nodes) != (200, 200):
            return False
        ready = [
            node
            for node in nodes.get("items", [])
            for condition in node["status"].get("conditions", [])
            if condition["type"] == "Ready" and condition["status"] == "True" and not node["spec"].get("taints")
        ]
        return bool(account) and len(ready) == len(NODES)

    def _get(self, path: str) -> tuple[int, dict[str, Any]]:
        """One GET as administrator: the status and the JSON object; 0 where nobody answers."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        context.load_cert_chain(str(self.folder / "admin.crt"), str(self.folder / "admin.key"))
        connection = http.client.HTTPSConnection(_ADDRESS, self._port, timeout=5, context=context)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            connection.close()
        return response.status, json.loads(body) if body[:1] == b"{" else {}

    def _etcd_ready(self) -> bool:
        connection = http.client.HTTPConnection(self.etcd_url.removeprefix("http://"), timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _run(self, part: str, *args: str) -> str:
        command = [str(self.binaries.part(part)), *args]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout

    def _process(self, part: str, flags: dict[str, object], ready: Any = None) -> Process:
        command = [str(self.binaries.part(part)), *(f"--{name}={value}" for name, value in flags.items())]
        return Process(command, self.folder / f"{part}.log", ready)

    def _write_kubeconfigs(self) -> None:
        pki = self.folder
        for user in ("admin", "controller-manager", "scheduler"):
            credentials = {"client-certificate": str(pki / f"{user}.crt"), "client-key": str(pki / f"{user}.key")}
            self._write_kubeconfig(user, credentials)
        self._write_kubeconfig("readonly", {"token": _READONLY_TOKEN})
        self._write_kubeconfig("expired", {"token": "a-token-the-server-does-not-know-any-more"})
        rows = [f"{_READONLY_TOKEN},readonly,readonly-uid,{kwok_config.READONLY_GROUP}"]
        _write_private(pki / "tokens.csv", "\n".join(rows) + "\n")

    def _write_kubeconfig(self, user: str, credentials: dict[str, str]) -> None:
        name = "kmagic-test"
        cluster = {"server": f"https://{_ADDRESS}:{self._port}", "certificate-authority": str(self.folder / "ca.crt")}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": user, "user": credentials}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": user, "namespace": "default"}}],
            "current-context": name,
        }
        _write_private(self.folder / f"{user}.kubeconfig", yaml.safe_dump(config, sort_keys=False))

    def _etcd_flags(self, peer_port: int) -> dict[str, object]:
        peer = f"http://{_ADDRESS}:{peer_port}"
        return {
            "name": "default",
            "data-dir": self.folder / "etcd",
            "listen-client-urls": self.etcd_url,
            "advertise-client-urls": self.etcd_url,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
            "log-level": "warn",
            "unsafe-no-fsync": "true",  # a machine that loses power loses the test as well
        }

    def _apiserver_flags(self) -> dict[str, object]:
        pki = self.folder
        return {
            "etcd-servers": self.etcd_url,
            "etcd-compaction-interval": "0",  # only a test compacts
            "bind-address": _ADDRESS,
            "secure-port": self._port,
            "endpoint-reconciler-type": "none",  # loopback is no valid endpoint of the service "kubernetes"
            "tls-cert-file": pki / "server.crt",
            "tls-private-key-file": pki / "server.key",
            "client-ca-file": pki / "ca.crt",
            "token-auth-file": pki / "tokens.csv",
            "authorization-mode": "RBAC",
            "enable-priority-and-fairness": "true",
            "service-account-issuer": "https://kubernetes.default.svc",
            "service-account-key-file": pki / "sa.pub",
            "service-account-signing-key-file": pki / "sa.key",
            "service-cluster-ip-range": "10.0.0.0/16",
            "allow-privileged": "true",
            "kubelet-client-certificate": pki / "kubelet-client.crt",
            "kubelet-client-key": pki / "kubelet-client.key",
            "kubelet-certificate-authority": pki / "ca.crt",
            "kubelet-preferred-address-types": "InternalIP",
            "profiling": "false",
            "shutdown-send-retry-after": "true",  # watches do not hold a stop up for a minute
        }

    def _controller_manager_flags(self) -> dict[str, object]:
        pki = self.folder
        return {
            "kubeconfig": pki / "controller-manager.kubeconfig",
            "bind-address": _ADDRESS,
            "secure-port": "0",
            "leader-elect": "false",
            "use-service-account-credentials": "true",
            "controllers": "*,-node-ipam-controller,-persistentvolume-attach-detach-controller",
            "service-account-private-key-file": pki / "sa.key",
            "root-ca-file": pki / "ca.crt",
            "cluster-signing-cert-file": pki / "ca.crt",
            "cluster-signing-key-file": pki / "ca.key",
            "node-monitor-grace-period": "10m",  # a paused server is no reason to evict pods
            "kube-api-qps": "300",
            "kube-api-burst": "600",
            "profiling": "false",
        }

    def _scheduler_flags(self) -> dict[str, object]:
        return {
            "kubeconfig": self.folder / "scheduler.kubeconfig",
            "bind-address": _ADDRESS,
            "secure-port": "0",
            "leader-elect": "false",
            "kube-api-qps": "300",
            "kube-api-burst": "600",
            "profiling": "false",
        }

    def _kwok_flags(self) -> dict[str, object]:
        config = kwok_config.write(self.folder, self.binaries.stages())
        return {
            "kubeconfig": self.folder / "admin.kubeconfig",
            "config": config,
            "manage-all-nodes": "true",
            "node-ip": _ADDRESS,
            "node-port": self._kwok_port,
            "server-address": f"{_ADDRESS}:{self._kwok_port}",
            "tls-cert-file": self.folder / "server.crt",
            "tls-private-key-file": self.folder / "server.key",
            "node-lease-duration-seconds": "40",
        }


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _free_ports(count: int) -> list[int]:
    """Ports nobody listens on, below the range the kernel hands out to connections by itself."""
    found: list[int] = []
    for port in random.sample(range(18000, 32000), 2000):
        with socket.socket() as probe:
            try:
                probe.bind((_ADDRESS, port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise StartError("no free ports between 18000 and 32000")
