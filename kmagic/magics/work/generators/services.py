"""Services.

Source: k8s.io/kubectl/pkg/cmd/create/create_service.go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kmagic.api.names import is_dns_subdomain
from kmagic.magics.work.generators.parts import GeneratorError, head, port_number, without_empty

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("service",)

_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_NUMBER_RULE = "must be between 1 and 65535, inclusive"
_NAME_RULE = (
    "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    "must contain at least one letter (a-z)",
)


def service(
    kind: str, name: str, ports: Sequence[str], *, cluster_ip: str = "", node_port: int = 0, external_name: str = ""
) -> JSONObject:
    """A Service that selects ``app: NAME``.

    Args:
        kind: ``ClusterIP``, ``NodePort``, ``LoadBalancer`` or ``ExternalName``.
        name: Its name.
        ports: ``PORT`` or ``PORT:TARGET``.
        cluster_ip: ``None`` for a headless one.
        node_port: Of every port; 0 for the server's choice.
        external_name: Of an ``ExternalName``.

    Raises:
        GeneratorError: No port where one is needed, or what is no port or name.
    """
    if kind == "ExternalName":
        if not external_name:
            raise GeneratorError('required flag(s) "external-name" not set')
        if not is_dns_subdomain(external_name):
            raise GeneratorError(f"invalid service external name {external_name}")
    elif cluster_ip != "None" and not ports:
        raise GeneratorError("at least one tcp port specifier must be provided")
    labels = {"app": name}
    spec = {
        "clusterIP": cluster_ip,
        "externalName": external_name,
        "ports": [_port(text, node_port) for text in ports],
        "selector": labels,
        "type": kind,
    }
    return {
        **head("v1", "Service", name, labels=labels),
        "spec": without_empty(spec),
        "status": {"loadBalancer": {}},
    }


def _port(text: str, node_port: int) -> dict[str, Any]:
    number, *target = text.split(":")
    port = port_number(number)
    found = {"name": text.replace(":", "-"), "port": port, "protocol": "TCP"}
    found["targetPort"] = _target(target[0]) if target else port
    return found if not node_port else {**found, "nodePort": node_port}


def _target(text: str) -> int | str:
    if re.fullmatch(r"[+-]?\d+", text):
        if not 0 < int(text) <= 65535:
            raise GeneratorError(_NUMBER_RULE)
        return int(text)
    if len(text) > 15:
        raise GeneratorError("must be no more than 15 characters")
    if not _PORT_NAME.fullmatch(text):
        raise GeneratorError(_NAME_RULE[1] if re.fullmatch(r"[0-9-]+", text) else _NAME_RULE[0])
    return text
