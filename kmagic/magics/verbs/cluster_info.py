"""``%kcluster-info``: where the control plane is, and the services that are part of the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.magics.results.values import KText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)

_LABEL = "kubernetes.io/cluster-service=true"


def run(command: Command, session: Session) -> object:
    """Tells the addresses.

    Returns:
        A `KText`.

    Raises:
        KubeError: The server does not answer, or its Services may not be listed.
    """
    place = session.place_for(command)
    services = place.client.resource("services", command.text("namespace") or "kube-system")
    found = session.run(command, services.list(label_selector=_LABEL))
    server = place.config.server
    lines = [f"Kubernetes control plane is running at {server}"]
    lines += [f"{_name(each)} is running at {_link(each, server)}" for each in found.items]
    lines += ["", "To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'."]
    return KText("\n".join(lines))


def _name(service: JSONObject) -> str:
    return meta.labels(service).get("kubernetes.io/name") or meta.name(service)


def _link(service: JSONObject, server: str) -> str:
    """Its load balancer's address, else its path through the API server."""
    ports = (service.get("spec") or {}).get("ports") or []
    balancers = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    if balancers:
        return "".join(_outside(balancers[0], ports))
    name = meta.name(service)
    if ports:
        first = ports[0]
        secure = first.get("name") == "https" or first.get("port") == 443
        name = _joined("https" if secure else "", name, first.get("name") or "")
    return f"{server}/api/v1/namespaces/{meta.namespace(service)}/services/{name}/proxy"


def _outside(balancer: JSONObject, ports: list[JSONObject]) -> Iterator[str]:
    host = balancer.get("ip") or balancer.get("hostname") or ""
    for port in ports:
        yield f"http://{host}:{port.get('port')} "


def _joined(scheme: str, name: str, port: str) -> str:
    """``https:name:port`` as the API server's proxy takes it; what is empty is left out, with its colon."""
    if scheme:
        return f"{scheme}:{name}:{port}"
    return f"{name}:{port}" if port else name
