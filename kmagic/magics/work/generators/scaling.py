"""HorizontalPodAutoscalers.

Source: k8s.io/kubectl/pkg/cmd/autoscale/autoscale.go.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kmagic.api.quantity import Quantity
from kmagic.magics.work.generators.parts import GeneratorError, head, without_empty

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("autoscaler",)

# What a number without a unit counts.
_UNITS = {"cpu": "m", "memory": "Mi"}


def autoscaler(
    name: str,
    target: JSONObject,
    *,
    least: int = -1,
    most: int = -1,
    cpu_percent: int = -1,
    cpu: str = "",
    memory: str = "",
) -> JSONObject:
    """A HorizontalPodAutoscaler.

    Args:
        name: Its name.
        target: apiVersion, kind and name of what it scales.
        least: Smallest number of Pods; below 1 for the server's choice.
        most: Largest number of Pods.
        cpu_percent: Of what the Pods ask for.
        cpu: ``80%`` of what they ask for, or a quantity.
        memory: The same of memory.

    Raises:
        GeneratorError: The bounds do not fit, or what is no quantity.
    """
    if most < 1:
        raise GeneratorError(f"--max=MAXPODS is required and must be at least 1, max: {most}")
    if most < least:
        raise GeneratorError(f"--max=MAXPODS must be larger or equal to --min=MINPODS, max: {most}, min: {least}")
    if cpu_percent > 0 and cpu:
        raise GeneratorError("--cpu-percent and --cpu are mutually exclusive")
    metrics = [_metric("cpu", {"averageUtilization": cpu_percent, "type": "Utilization"})] if cpu_percent > 0 else []
    metrics += [_metric(kind, _target(kind, text)) for kind, text in (("cpu", cpu), ("memory", memory)) if text]
    spec = {
        "maxReplicas": most,
        "metrics": metrics,
        "minReplicas": least if least > 0 else None,
        "scaleTargetRef": target,
    }
    return {
        **head("autoscaling/v2", "HorizontalPodAutoscaler", name),
        "spec": without_empty(spec),
        "status": {"currentMetrics": None, "desiredReplicas": 0},
    }


def _metric(kind: str, target: dict[str, Any]) -> JSONObject:
    return {"resource": {"name": kind, "target": target}, "type": "Resource"}


def _target(kind: str, text: str) -> dict[str, Any]:
    text = text.strip()
    if text.endswith("%"):
        number = text[:-1]
        if not number.isdecimal():
            raise GeneratorError(f"invalid percentage value: {number}")
        return {"averageUtilization": int(number), "type": "Utilization"}
    with suppress(ValueError):
        text = f"{float(text):g}{_UNITS[kind]}"
    try:
        return {"averageValue": str(Quantity(text)), "type": "AverageValue"}
    except ValueError as error:
        raise GeneratorError(f"invalid resource {kind} value: {text}") from error
