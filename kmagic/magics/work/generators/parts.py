"""The parts that generators share: the error, the types they make, ports and selectors out of text.

Source: k8s.io/kubectl/pkg/cmd/create, k8s.io/apimachinery/pkg/util/intstr.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kmagic.errors import UsageError
from kmagic.rest.resource import APIResource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.api.types import JSONObject

__all__ = (
    "GeneratorError",
    "head",
    "is_image",
    "labels_of",
    "number_or_name",
    "port_number",
    "resource_of",
    "unique",
    "without_empty",
)

# Plural, group and scope of what is made; known without a server, so that one can be tried without any.
_TYPES = {
    "ClusterRole": ("clusterroles", False),
    "ClusterRoleBinding": ("clusterrolebindings", False),
    "ConfigMap": ("configmaps", True),
    "CronJob": ("cronjobs", True),
    "Deployment": ("deployments", True),
    "HorizontalPodAutoscaler": ("horizontalpodautoscalers", True),
    "Ingress": ("ingresses", True),
    "Job": ("jobs", True),
    "Namespace": ("namespaces", False),
    "Pod": ("pods", True),
    "PodDisruptionBudget": ("poddisruptionbudgets", True),
    "PriorityClass": ("priorityclasses", False),
    "ResourceQuota": ("resourcequotas", True),
    "Role": ("roles", True),
    "RoleBinding": ("rolebindings", True),
    "Secret": ("secrets", True),
    "Service": ("services", True),
    "ServiceAccount": ("serviceaccounts", True),
}


class GeneratorError(UsageError):
    """The values given do not make an object."""


def resource_of(obj: JSONObject) -> APIResource:
    """The type of an object that a generator made."""
    group, _, version = str(obj["apiVersion"]).rpartition("/")
    plural, namespaced = _TYPES[str(obj["kind"])]
    return APIResource(group, version, plural, str(obj["kind"]), namespaced)


_IMAGE = re.compile(
    r"([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]+)?(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*"
    r"(:\w[\w.-]{0,127})?(@[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?"
)


def is_image(text: str) -> bool:
    """Returns whether text can be the name of an image."""
    own = text.rpartition("/")[2].partition(":")[0]
    return _IMAGE.fullmatch(text) is not None and own == own.lower()


def head(api_version: str, kind: str, name: str, **metadata: Any) -> dict[str, Any]:
    """The beginning of an object."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, **metadata}}


def without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that hold something."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {})}


def number_or_name(text: str) -> int | str:
    """A number where the text is one, else the text."""
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else text


def labels_of(text: str) -> dict[str, str]:
    """``app=web,tier=front`` as labels.

    Raises:
        GeneratorError: It is not written so.
    """
    labels = {}
    for part in text.split(","):
        key, *values = part.split("=")
        if len(values) != 1:
            raise GeneratorError(f"unexpected label spec: {part}")
        if not key:
            raise GeneratorError("unexpected empty label key")
        labels[key] = values[0]
    return labels


def port_number(text: str) -> int:
    """A port's number.

    Raises:
        GeneratorError: It is none, or none a port can have.
    """
    if not text.isdecimal():
        raise GeneratorError(f'strconv.ParseUint: parsing "{text}": invalid syntax')
    if not int(text) <= 65535:
        raise GeneratorError(f'strconv.ParseUint: parsing "{text}": value out of range')
    return int(text)


def unique(words: Iterable[str]) -> list[str]:
    """The words without repetitions, in order."""
    return list(dict.fromkeys(words))
