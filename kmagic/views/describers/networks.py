"""Traffic to Pods: Services, endpoints, Ingresses and NetworkPolicies.

Source: k8s.io/kubectl/pkg/describe/describe.go (describeService, formatEndpointSlices, describeIngressV1, …), v0.37.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kmagic.api import meta
from kmagic.api.types import JSONObject
from kmagic.views.describers.page import Page, get, head, labels, labels_text, notes, selector_text

__all__ = ("endpoint_slice", "endpoints", "ingress", "ingress_class", "network_policy", "service")

# What stands in a line before it says that there are more.
_SHOWN = 3
_SERVICE = "kubernetes.io/service-name"


def _notes(page: Page, obj: JSONObject) -> None:
    labels(page, "Labels", get(obj, "metadata", "labels"))
    notes(page, get(obj, "metadata", "annotations"))


def service(page: Page, obj: JSONObject) -> None:
    """Writes a Service and its endpoints."""
    spec = obj.get("spec") or {}
    head(page, obj)
    _notes(page, obj)
    page.line(0, "Selector:", labels_text(spec.get("selector")))
    page.line(0, "Type:", spec.get("type") or "")
    if spec.get("ipFamilyPolicy"):
        page.line(0, "IP Family Policy:", spec["ipFamilyPolicy"])
    page.line(0, "IP Families:", ",".join(spec.get("ipFamilies") or ()) or "<none>")
    page.line(0, "IP:", spec.get("clusterIP") or "")
    page.line(0, "IPs:", ",".join(spec.get("clusterIPs") or ()) or "<none>")
    if spec.get("externalIPs"):
        page.line(0, "External IPs:", ",".join(spec["externalIPs"]))
    for title, field in (("Desired LoadBalancer IP", "loadBalancerIP"), ("External Name", "externalName")):
        if spec.get(field):
            page.line(0, f"{title}:", spec[field])
    if balancers := get(obj, "status", "loadBalancer", "ingress"):
        page.line(0, "LoadBalancer Ingress:", ", ".join(map(_balancer, balancers)))
    for port in spec.get("ports") or ():
        _port(page, port)
    page.line(0, "Session Affinity:", spec.get("sessionAffinity") or "")
    for title, field in (
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
        ("HealthCheck NodePort", "healthCheckNodePort"),
    ):
        if spec.get(field):
            page.line(0, f"{title}:", spec[field])
    if spec.get("loadBalancerSourceRanges"):
        page.line(0, "LoadBalancer Source Ranges:", ",".join(spec["loadBalancerSourceRanges"]))
    if spec.get("trafficDistribution"):
        page.line(0, "Traffic Distribution:", spec["trafficDistribution"])


def _balancer(each: Mapping[str, Any]) -> str:
    if not each.get("ip"):
        return str(each.get("hostname") or "")
    return f"{each['ip']} ({each['ipMode']})" if each.get("ipMode") else str(each["ip"])


def _port(page: Page, port: Mapping[str, Any]) -> None:
    name, protocol = port.get("name") or "<unset>", port.get("protocol") or "TCP"
    page.line(0, "Port:", name, f"{port.get('port')}/{protocol}")
    page.line(0, "TargetPort:", f"{port.get('targetPort', port.get('port'))}/{protocol}")
    if port.get("appProtocol"):
        page.line(0, "AppProtocol:", port["appProtocol"])
    if port.get("nodePort"):
        page.line(0, "NodePort:", name, f"{port['nodePort']}/{protocol}")
    page.line(0, "Endpoints:", _endpoints(page.related.get("endpointslices") or (), port.get("name") or ""))


def _endpoints(slices: Sequence[JSONObject], port: str) -> str:
    """The addresses behind a port that are ready."""
    if not slices:
        return "<none>"
    found = [text for each in slices for text in _addresses(each, port)]
    shown = ",".join(found[:_SHOWN])
    return f"{shown} + {len(found) - _SHOWN} more..." if len(found) > _SHOWN else shown


def _addresses(each: JSONObject, port: str) -> Iterator[str]:
    ready = [one for one in each.get("endpoints") or () if get(one, "conditions", "ready") is not False]
    if not each.get("ports"):
        yield from (one["addresses"][0] for one in ready)
    for known in each.get("ports") or ():
        if (known.get("name") or "") == port:
            for one in ready:
                address = one["addresses"][0]
                yield f"[{address}]:{known.get('port')}" if ":" in address else f"{address}:{known.get('port')}"


def endpoints(page: Page, obj: JSONObject) -> None:
    """Writes the Endpoints of a Service."""
    head(page, obj)
    _notes(page, obj)
    page.line(0, "Subsets:")
    for subset in obj.get("subsets") or ():
        for title, field in (("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")):
            page.line(1, f"{title}:", ",".join(str(each.get("ip")) for each in subset.get(field) or ()) or "<none>")
        if subset.get("ports"):
            page.line(1, "Ports:")
            page.line(2, "Name", "Port", "Protocol")
            page.line(2, "----", "----", "--------")
            for port in subset["ports"]:
                page.line(2, port.get("name") or "<unset>", port.get("port"), port.get("protocol") or "")
        page.write(0, "\n")


def endpoint_slice(page: Page, obj: JSONObject) -> None:
    """Writes an EndpointSlice."""
    head(page, obj)
    _notes(page, obj)
    page.line(0, "AddressType:", obj.get("addressType") or "")
    if not obj.get("ports"):
        page.line(0, "Ports: <unset>")
    else:
        page.line(0, "Ports:")
        page.line(1, "Name", "Port", "Protocol")
        page.line(1, "----", "----", "--------")
        for port in obj["ports"]:
            number = "<unset>" if port.get("port") is None else port["port"]
            page.line(1, port.get("name") or "<unset>", number, port.get("protocol") or "")
    if not obj.get("endpoints"):
        page.line(0, "Endpoints: <none>")
        return
    page.line(0, "Endpoints:")
    for each in obj["endpoints"]:
        page.line(1, "- Addresses:", ", ".join(each.get("addresses") or ()) or "<none>")
        page.line(2, "Conditions:")
        ready = get(each, "conditions", "ready")
        page.line(3, "Ready:", "<unset>" if ready is None else str(ready).lower())
        page.line(2, "Hostname:", each.get("hostname") or "<unset>")
        if target := each.get("targetRef"):
            page.line(2, "TargetRef:", f"{target.get('kind')}/{target.get('name')}")
        page.line(2, "NodeName:", each.get("nodeName") or "<unset>")
        page.line(2, "Zone:", each.get("zone") or "<unset>")


def ingress(page: Page, obj: JSONObject) -> None:
    """Writes an Ingress and what is behind its paths."""
    spec = obj.get("spec") or {}
    page.line(0, "Name:", meta.name(obj))
    labels(page, "Labels", get(obj, "metadata", "labels"))
    page.line(0, "Namespace:", meta.namespace(obj))
    known = get(obj, "status", "loadBalancer", "ingress") or ()
    page.line(
        0, "Address:", ",".join(sorted({str(each.get("ip") or each.get("hostname") or "") for each in known} - {""}))
    )
    page.line(0, "Ingress Class:", spec.get("ingressClassName") or "<none>")
    default = _backend(page, spec["defaultBackend"]) if spec.get("defaultBackend") else "<default>"
    page.line(0, "Default backend:", default)
    if spec.get("tls"):
        page.line(0, "TLS:")
        for each in spec["tls"]:
            hosts = ",".join(each.get("hosts") or ())
            secret = each.get("secretName")
            page.line(1, f"{secret} terminates {hosts}" if secret else f"SNI routes {hosts}")
    page.write(0, "Rules:\n  Host\tPath\tBackends\n")
    page.line(1, "----", "----", "--------")
    rules = [each for each in spec.get("rules") or () if each.get("http")]
    for rule in rules:
        page.line(1, rule.get("host") or "*", "")
        for path in rule["http"].get("paths") or ():
            page.write(2, f"\t{path.get('path') or ''} \t{_backend(page, path.get('backend') or {})}\n")
    if not rules:
        page.line(1, "*", "*", default)
    notes(page, get(obj, "metadata", "annotations"))


def _backend(page: Page, backend: Mapping[str, Any]) -> str:
    if chosen := backend.get("service"):
        name, port = chosen.get("name"), chosen.get("port") or {}
        text = f"{name}:{port.get('number') or port.get('name') or ''}"
        known = [each for each in page.related.get("services") or () if meta.name(each) == name]
        if not known:
            return f'{text} (<error: services "{name}" not found>)'
        slices = [each for each in page.related.get("endpointslices") or () if meta.labels(each).get(_SERVICE) == name]
        wanted = ""
        for each in get(known[0], "spec", "ports") or ():
            by_number = port.get("number") and port["number"] == each.get("port")
            if by_number or (port.get("name") and port["name"] == each.get("name")):
                wanted = each.get("name") or ""
        return f"{text} ({_endpoints(slices, wanted)})"
    if resource := backend.get("resource"):
        group = resource.get("apiGroup") or "<none>"
        return f"APIGroup: {group}, Kind: {resource.get('kind')}, Name: {resource.get('name')}"
    return ""


def ingress_class(page: Page, obj: JSONObject) -> None:
    """Writes an IngressClass."""
    head(page, obj, namespace=False)
    _notes(page, obj)
    page.line(0, "Controller:", get(obj, "spec", "controller") or "")
    if parameters := get(obj, "spec", "parameters"):
        page.line(0, "Parameters:")
        for title, field in (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")):
            if parameters.get(field) is not None:
                page.line(1, f"{title}:", parameters[field])


def network_policy(page: Page, obj: JSONObject) -> None:
    """Writes a NetworkPolicy."""
    spec = obj.get("spec") or {}
    head(page, obj)
    page.line(
        0,
        "Created on:",
        str(get(obj, "metadata", "creationTimestamp") or "").replace("T", " ").replace("Z", " +0000 UTC"),
    )
    _notes(page, obj)
    page.line(0, "Spec:")
    chosen = selector_text(spec.get("podSelector"))
    everything = " (Allowing the specific traffic to all pods in this namespace)" if chosen == "<none>" else ""
    page.line(1, f"PodSelector:     {chosen}{everything}")
    kinds = spec.get("policyTypes") or ()
    for kind, field, source, way in (
        ("Ingress", "from", "From", "source"),
        ("Egress", "to", "To", "destination"),
    ):
        word = kind.lower()
        if kind not in kinds:
            page.line(1, f"Not affecting {word} traffic")
            continue
        page.line(1, f"Allowing {word} traffic:")
        _rules(page, spec.get(word) or (), field, source, way, word)
    page.line(1, f"Policy Types: {', '.join(kinds) or '<none>'}")


def _rules(page: Page, rules: Sequence[Mapping[str, Any]], field: str, source: str, way: str, word: str) -> None:
    if not rules:
        page.line(2, f"<none> (Selected pods are isolated for {word} connectivity)")
    for at, rule in enumerate(rules):
        if at:
            page.line(2, "----------")
        for port in rule.get("ports") or ():
            protocol = port.get("protocol") or "TCP"
            if port.get("endPort") is None:
                page.line(2, f"To Port: {port.get('port', '<nil>')}/{protocol}")
            else:
                page.line(2, f"To Port Range: {port.get('port')}-{port['endPort']}/{protocol}")
        if not rule.get("ports"):
            page.line(2, "To Port: <any> (traffic allowed to all ports)")
        if not rule.get(field):
            page.line(2, f"{source}: <any> (traffic not restricted by {way})")
        for peer in rule.get(field) or ():
            page.line(2, f"{source}:")
            for title, part in (("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")):
                if peer.get(part) is not None:
                    page.line(3, f"{title}: {selector_text(peer[part])}")
            if block := peer.get("ipBlock"):
                page.line(3, "IPBlock:")
                page.line(4, f"CIDR: {block.get('cidr')}")
                page.line(4, f"Except: {', '.join(block.get('except') or ())}")
