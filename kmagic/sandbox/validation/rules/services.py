"""Services, Ingresses and NetworkPolicies.

Source: pkg/apis/core/validation/validation.go, pkg/apis/networking/validation/validation.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation.rules.causes import (
    address,
    any_port,
    choice,
    duplicate,
    forbidden,
    network,
    port_name,
    port_number,
    required,
    unsupported,
    wrong,
)
from kmagic.sandbox.validation.rules.containers import PROTOCOLS
from kmagic.sandbox.validation.rules.labels import dns_label, dns_subdomain, host, labels, selector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

__all__ = ("ingress", "network_policy", "service", "service_change")

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
TRAFFIC = ("Cluster", "Local")
FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
LONGEST_AFFINITY = 86_400
AFFINITIES = ("ClientIP", "None")
PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
BAD_IN_PATHS, BAD_ENDS = ("//", "/./", "/../", "%2f", "%2F"), ("/..", "/.")
POLICY_TYPES = ("Ingress", "Egress")
POLICY_PROTOCOLS = ("TCP", "UDP", "SCTP")


def service(obj: JSONObject) -> Iterator[Cause]:
    """A Service."""
    spec = obj.get("spec") or {}
    kind, ports, headless = spec.get("type"), spec.get("ports") or (), spec.get("clusterIP") == "None"
    if not ports and not headless and kind != "ExternalName":
        yield required("spec.ports")
    if kind in ("LoadBalancer", "NodePort") and headless:
        yield wrong("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")
    if kind == "ExternalName":
        yield from _external_name(spec)
    names: set[str] = set()
    for index, port in enumerate(ports):
        yield from _service_port(port, f"spec.ports[{index}]", names, needs_name=len(ports) > 1)
    yield from labels("spec.selector", spec.get("selector") or {})
    yield from choice(spec, "spec", "sessionAffinity", AFFINITIES)
    if spec.get("sessionAffinity") == "None" and spec.get("sessionAffinityConfig") is not None:
        yield forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None")
    if spec.get("sessionAffinity") == "ClientIP":
        seconds = ((spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}).get("timeoutSeconds") or 0
        if not 0 < seconds <= LONGEST_AFFINITY:
            why = f"must be greater than 0 and less than {LONGEST_AFFINITY}"
            yield wrong("spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds, why)
    yield from _addresses(spec, kind)
    yield from choice(spec, "spec", "type", TYPES)
    yield from _repeated_ports(ports, kind)
    yield from _traffic(spec, kind)


def _addresses(spec: JSONObject, kind: str | None) -> Iterator[Cause]:
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in FAMILY_POLICIES:
        yield unsupported("spec.ipFamilyPolicy", policy, FAMILY_POLICIES)
    for index, text in enumerate(spec.get("clusterIPs") or () if kind != "ExternalName" else ()):
        if text != "None" or index:
            yield from address(f"spec.clusterIPs[{index}]", text)
    for index, text in enumerate(spec.get("externalIPs") or ()):
        yield from address(f"spec.externalIPs[{index}]", text)


def _traffic(spec: JSONObject, kind: str | None) -> Iterator[Cause]:
    ranges = spec.get("loadBalancerSourceRanges") or ()
    if ranges and kind != "LoadBalancer":
        yield forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'")
    for index, text in enumerate(ranges):
        yield from network(f"spec.LoadBalancerSourceRanges[{index}]", text.strip())
    policy = spec.get("externalTrafficPolicy")
    if kind not in ("LoadBalancer", "NodePort") and not (kind == "ClusterIP" and spec.get("externalIPs")):
        if policy:
            why = "may only be set for externally-accessible services"
            yield wrong("spec.externalTrafficPolicy", policy, why)
    elif policy and policy not in TRAFFIC:
        yield unsupported("spec.externalTrafficPolicy", policy, TRAFFIC)
    if spec.get("internalTrafficPolicy") and spec["internalTrafficPolicy"] not in TRAFFIC:
        yield unsupported("spec.internalTrafficPolicy", spec["internalTrafficPolicy"], TRAFFIC)


def _external_name(spec: JSONObject) -> Iterator[Cause]:
    if spec.get("clusterIP"):
        yield forbidden("spec.clusterIPs", "may not be set for ExternalName services")
    name = spec.get("externalName", "").removesuffix(".")
    if name:
        yield from dns_subdomain("spec.externalName", name)
    else:
        yield required("spec.externalName")


def _service_port(port: JSONObject, field: str, names: set[str], *, needs_name: bool) -> Iterator[Cause]:
    name = port.get("name")
    if name:
        yield from dns_label(f"{field}.name", name)
        if name in names:
            yield duplicate(f"{field}.name", name)
        names.add(name)
    elif needs_name:
        yield required(f"{field}.name")
    yield from port_number(f"{field}.port", port.get("port", 0))
    yield from choice(port, field, "protocol", PROTOCOLS)
    yield from any_port(f"{field}.targetPort", port.get("targetPort"))


def _repeated_ports(ports: Sequence[JSONObject], kind: str | None) -> Iterator[Cause]:
    if kind == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                yield forbidden(f"spec.ports[{index}].nodePort", "may not be used when `type` is 'ClusterIP'")
    for name in ("nodePort", "port"):
        seen: set[tuple[str, int]] = set()
        for index, port in enumerate(ports):
            key = (port.get("protocol", ""), port.get(name, 0))
            if key in seen and name == "nodePort" and key[1]:
                yield duplicate(f"spec.ports[{index}].nodePort", key[1])
            elif key in seen and name == "port":
                yield duplicate(f"spec.ports[{index}]", _port_key(*key))
            seen.add(key)


def _port_key(protocol: str, port: int) -> JSONObject:
    """A port as the server shows it: its internal type, whose fields have no JSON names."""
    return {"Name": "", "Protocol": protocol, "AppProtocol": None, "Port": port, "TargetPort": 0, "NodePort": 0}


def service_change(old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    """A Service keeps its address for life."""
    before, after = old.get("spec") or {}, new.get("spec") or {}
    if "ExternalName" in (before.get("type"), after.get("type")):
        return
    had, has = before.get("clusterIPs") or [], after.get("clusterIPs") or []
    if had and not has:
        yield wrong("spec.clusterIPs[0]", None, "primary clusterIP can not be unset")
    elif has and after.get("clusterIP") != has[0]:
        yield wrong("spec.clusterIPs", has, "first value must match `clusterIP`")
    elif had and had[0] != has[0]:
        yield wrong("spec.clusterIPs[0]", has, "may not change once set")


def ingress(obj: JSONObject) -> Iterator[Cause]:
    """An Ingress."""
    spec = obj.get("spec") or {}
    rules, backend = spec.get("rules") or (), spec.get("defaultBackend")
    if not rules and backend is None:
        yield wrong("spec", None, "either `defaultBackend` or `rules` must be specified")
    if backend is not None:
        yield from _backend(backend, "spec.defaultBackend")
    for index, rule in enumerate(rules):
        yield from _rule(rule, f"spec.rules[{index}]")
    for index, secured in enumerate(spec.get("tls") or ()):
        for number, name in enumerate(secured.get("hosts") or ()):
            yield from host(f"spec.tls[{index}].hosts[{number}]", name)
        if secured.get("secretName"):
            yield from dns_subdomain(f"spec.tls[{index}].secretName", secured["secretName"])
    if spec.get("ingressClassName"):
        yield from dns_subdomain("spec.ingressClassName", spec["ingressClassName"])


def _rule(rule: JSONObject, field: str) -> Iterator[Cause]:
    name = rule.get("host", "")
    if name and _is_address(name):
        yield wrong(f"{field}.host", name, "must be a DNS name, not an IP address")
    if name:
        yield from host(f"{field}.host", name)
    http = rule.get("http")
    if http is None:
        return
    if not http.get("paths"):
        yield required(f"{field}.http.paths")
    for index, path in enumerate(http.get("paths") or ()):
        yield from _path(path, f"{field}.http.paths[{index}]")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _path(path: JSONObject, field: str) -> Iterator[Cause]:
    kind, text = path.get("pathType"), path.get("path", "")
    if kind is None:
        yield required(f"{field}.pathType", "pathType must be specified")
        return
    if kind not in PATH_TYPES:
        yield unsupported(f"{field}.pathType", kind, PATH_TYPES)
    elif not text.startswith("/") and (text or kind != "ImplementationSpecific"):
        yield wrong(f"{field}.path", text, "must be an absolute path")
    if kind in ("Exact", "Prefix"):
        for bad in BAD_IN_PATHS:
            if bad in text:
                yield wrong(f"{field}.path", text, f"must not contain '{bad}'")
        for bad in BAD_ENDS:
            if text.endswith(bad):
                yield wrong(f"{field}.path", text, f"cannot end with '{bad}'")
    yield from _backend(path.get("backend") or {}, f"{field}.backend")


def _backend(backend: JSONObject, field: str) -> Iterator[Cause]:
    target = backend.get("service")
    if target is None:
        if backend.get("resource") is None:
            yield wrong(field, "", "resource or service backend is required")
        return
    if backend.get("resource") is not None:
        yield wrong(field, "", "cannot set both resource and service backends")
        return
    if not target.get("name"):
        yield required(f"{field}.service.name")
    else:
        yield from dns_label(f"{field}.service.name", target["name"])
    port = target.get("port") or {}
    if port.get("name") and port.get("number"):
        yield wrong(field, "", "cannot set both port name & port number")
    elif port.get("name"):
        yield from port_name(f"{field}.service.port.name", port["name"])
    elif port.get("number"):
        yield from port_number(f"{field}.service.port.number", port["number"])
    else:
        yield required(field, "port name or number is required")


def network_policy(obj: JSONObject) -> Iterator[Cause]:
    """A NetworkPolicy."""
    spec = obj.get("spec") or {}
    yield from selector("spec.podSelector", spec.get("podSelector"))
    for way, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(way) or ()):
            place = f"spec.{way}[{index}]"
            for number, port in enumerate(rule.get("ports") or ()):
                yield from _policy_port(port, f"{place}.ports[{number}]")
            for number, peer in enumerate(rule.get(peers) or ()):
                yield from _peer(peer, f"{place}.{peers}[{number}]")
    kinds = spec.get("policyTypes") or ()
    if len(kinds) > len(POLICY_TYPES):
        yield wrong("spec.policyTypes", kinds, "may not specify more than two policyTypes")
        return
    for index, kind in enumerate(kinds):
        if kind not in POLICY_TYPES:
            yield unsupported(f"spec.policyTypes[{index}]", kind, POLICY_TYPES)


def _policy_port(port: JSONObject, field: str) -> Iterator[Cause]:
    yield from choice(port, field, "protocol", POLICY_PROTOCOLS)
    number, end = port.get("port"), port.get("endPort")
    if isinstance(number, int):
        yield from port_number(f"{field}.port", number)
        if end is not None and end < number:
            yield wrong(f"{field}.endPort", end, "must be greater than or equal to `port`")
        if end is not None:
            yield from port_number(f"{field}.endPort", end)
        return
    if end is not None:
        what = "not specified" if number is None else "non-numeric"
        yield wrong(f"{field}.endPort", end, f"may not be specified when `port` is {what}")
    if number is not None:
        yield from port_name(f"{field}.port", number)


def _peer(peer: JSONObject, field: str) -> Iterator[Cause]:
    yield from selector(f"{field}.podSelector", peer.get("podSelector"))
    yield from selector(f"{field}.namespaceSelector", peer.get("namespaceSelector"))
    block = peer.get("ipBlock")
    others = peer.get("podSelector") is not None or peer.get("namespaceSelector") is not None
    if block is None:
        if not others:
            yield required(field, "must specify a peer")
        return
    if not block.get("cidr"):
        yield required(f"{field}.ipBlock.cidr")
    else:
        yield from _block(block, f"{field}.ipBlock")
    if others:
        yield forbidden(field, "may not specify both ipBlock and another peer")


def _block(block: JSONObject, field: str) -> Iterator[Cause]:
    problems = [*network(f"{field}.cidr", block["cidr"])]
    yield from problems
    if problems:
        return
    whole = ipaddress.ip_network(block["cidr"], strict=False)
    for index, text in enumerate(block.get("except") or ()):
        place = f"{field}.except[{index}]"
        problems = [*network(place, text)]
        yield from problems
        if not problems and not _is_inside(ipaddress.ip_network(text, strict=False), whole):
            yield wrong(place, text, "must be a strict subset of `cidr`")


def _is_inside(part: Network, whole: Network) -> bool:
    return part.version == whole.version and part.network_address in whole and part.prefixlen > whole.prefixlen
