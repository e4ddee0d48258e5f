"""Ingresses, out of rules such as ``example.com/api*=web:80,tls=secret``.

Source: k8s.io/kubectl/pkg/cmd/create/create_ingress.go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kmagic.magics.work.generators.parts import GeneratorError, head, number_or_name, without_empty

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("ingress",)

_HOST = r"(?P<host>[^/]*)"
_PATH = r"(?P<path>[^=]*)"
_SERVICE = r"(?P<service>[^,]+)"
_RULE = re.compile(rf"{_HOST}/{_PATH}={_SERVICE}(?P<tls>,tls(=(?P<secret>[^,]*))?)?")


def ingress(
    name: str,
    rules: Sequence[str],
    *,
    ingress_class: str = "",
    backend: str = "",
    annotations: Sequence[str] = (),
) -> JSONObject:
    """An Ingress.

    Args:
        name: Its name.
        rules: ``HOST/PATH=SERVICE:PORT[,tls[=SECRET]]``; a path that ends in ``*`` is a prefix.
        ingress_class: Its class.
        backend: ``SERVICE:PORT`` for what no rule names.
        annotations: ``KEY=VALUE``.

    Raises:
        GeneratorError: Neither rules nor a backend, or something that is not written so.
    """
    if not backend and not rules:
        raise GeneratorError(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all "
            "traffic) or a list of rules (which catch specific paths)"
        )
    parsed = [_rule(each) for each in rules]
    for each in annotations:
        if "=" not in each:
            raise GeneratorError(f"annotation {each} is invalid and should be in format key=[value]")
    if backend and backend.count(":") != 1:
        raise GeneratorError("default-backend should be in format servicename:serviceport")
    notes = {key: value for key, _, value in (each.partition("=") for each in annotations)}
    spec = {
        "defaultBackend": _backend(backend) if backend else None,
        "ingressClassName": ingress_class,
        "rules": _by_host(parsed),
        "tls": _tls(parsed),
    }
    return {
        **head("networking.k8s.io/v1", "Ingress", name, **without_empty({"annotations": notes})),
        "spec": without_empty(spec),
        "status": {"loadBalancer": {}},
    }


def _rule(text: str) -> dict[str, str | None]:
    found = _RULE.fullmatch(text)
    if found is None or ":" not in found["service"]:
        raise GeneratorError(f"rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]")
    return found.groupdict()


def _by_host(rules: Sequence[dict[str, str | None]]) -> list[JSONObject]:
    paths: dict[str, list[JSONObject]] = {}
    for rule in rules:
        path = f"/{rule['path']}"
        prefix = path.endswith("*")
        paths.setdefault(rule["host"] or "", []).append(
            {
                "backend": _backend(rule["service"] or ""),
                "path": path[:-1] if prefix else path,
                "pathType": "Prefix" if prefix else "Exact",
            }
        )
    return [{**without_empty({"host": host}), "http": {"paths": each}} for host, each in paths.items()]


def _backend(text: str) -> JSONObject:
    name, port = text.split(":")[:2]
    number = number_or_name(port)
    return {"service": {"name": name, "port": {"number" if isinstance(number, int) else "name": number}}}


def _tls(rules: Sequence[dict[str, str | None]]) -> list[JSONObject]:
    """A host is in one of them only, a Secret, too."""
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    for rule in rules:
        host, secret = rule["host"] or "", rule["secret"] or ""
        if not rule["tls"] or host in seen:
            continue
        seen.add(host)
        same = next((each for each in found if each.get("secretName", "") == secret), None)
        if same is not None:
            same.setdefault("hosts", []).append(host)
        elif each := without_empty({"hosts": [host] if host else None, "secretName": secret}):
            found.append(each)
    return found
