"""HorizontalPodAutoscalers: what they look at and how far they go.

Source: k8s.io/kubectl/pkg/describe/describe.go (describeHorizontalPodAutoscalerV2), v0.37.2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kmagic.api.types import JSONObject
from kmagic.views.describers.page import Page, get, head, labels, moment, notes

__all__ = ("autoscaler",)


def autoscaler(page: Page, obj: JSONObject) -> None:
    """Writes a HorizontalPodAutoscaler of autoscaling/v2."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    target = spec.get("scaleTargetRef") or {}
    head(page, obj)
    labels(page, "Labels", get(obj, "metadata", "labels"))
    notes(page, get(obj, "metadata", "annotations"))
    page.line(0, "CreationTimestamp:", moment(get(obj, "metadata", "creationTimestamp")))
    page.line(0, "Reference:", f"{target.get('kind')}/{target.get('name')}")
    page.line(0, "Metrics:", "( current / target )")
    current = status.get("currentMetrics") or ()
    for at, metric in enumerate(spec.get("metrics") or ()):
        _metric(page, metric, current[at] if at < len(current) else {})
    page.line(0, "Min replicas:", "<unset>" if spec.get("minReplicas") is None else spec["minReplicas"])
    page.line(0, "Max replicas:", spec.get("maxReplicas") or 0)
    if behavior := spec.get("behavior"):
        page.line(0, "Behavior:")
        for title, field in (("Scale Up", "scaleUp"), ("Scale Down", "scaleDown")):
            _direction(page, title, behavior.get(field))
    counts = f"{status.get('currentReplicas') or 0} current / {status.get('desiredReplicas') or 0} desired"
    page.line(0, f"{target.get('kind')} pods:", counts)
    if status.get("conditions"):
        page.line(0, "Conditions:")
        page.line(1, "Type", "Status", "Reason", "Message")
        page.line(1, "----", "------", "------", "-------")
        for each in status["conditions"]:
            page.line(1, *(each.get(field) or "" for field in ("type", "status", "reason", "message")))


def _metric(page: Page, metric: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    kind = str(metric.get("type") or "")
    field = kind[:1].lower() + kind[1:]
    wanted, seen = metric.get(field) or {}, get(current, field, "current") or {}
    target = wanted.get("target") or {}
    name = json.dumps(get(wanted, "metric", "name") or "", ensure_ascii=False)
    match kind:
        case "External":
            field = "averageValue" if target.get("averageValue") is not None else "value"
            title = f"{name} (target {'average ' if field == 'averageValue' else ''}value):"
            page.line(1, title, f"{seen.get(field) or '<unknown>'} / {target.get(field)}")
        case "Pods":
            page.line(
                1, f"{name} on pods:", f"{seen.get('averageValue') or '<unknown>'} / {target.get('averageValue')}"
            )
        case "Object":
            field = "averageValue" if target.get("type") == "AverageValue" else "value"
            about = wanted.get("describedObject") or {}
            title = (
                f"{name} on {about.get('kind')}/{about.get('name')} (target {'average ' * (field != 'value')}value):"
            )
            page.line(1, title, f"{seen.get(field) or '<unknown>'} / {target.get(field)}")
        case "Resource" | "ContainerResource":
            of = f' of container "{wanted.get("container")}"' if kind == "ContainerResource" else ""
            _resource(page, f"resource {wanted.get('name')}{of} on pods", target, seen)
        case _:
            page.line(1, f'<unknown metric type "{kind}">')


def _resource(page: Page, title: str, target: Mapping[str, Any], seen: Mapping[str, Any]) -> None:
    if target.get("averageValue") is not None:
        page.line(1, f"{title}:", f"{seen.get('averageValue') or '<unknown>'} / {target['averageValue']}")
        return
    used = seen.get("averageUtilization")
    current = "<unknown>" if used is None else f"{used}% ({seen.get('averageValue')})"
    wanted = target.get("averageUtilization")
    page.line(
        1, f"{title}  (as a percentage of request):", f"{current} / {'<auto>' if wanted is None else f'{wanted}%'}"
    )


def _direction(page: Page, title: str, rules: Mapping[str, Any] | None) -> None:
    if not rules:
        return
    page.line(1, f"{title}:")
    if rules.get("stabilizationWindowSeconds") is not None:
        page.line(2, f"Stabilization Window: {rules['stabilizationWindowSeconds']} seconds")
    if rules.get("policies"):
        page.line(2, f"Select Policy: {rules.get('selectPolicy') or 'Max'}")
        page.line(2, "Policies:")
        for each in rules["policies"]:
            seconds = f"Period: {each.get('periodSeconds')} seconds"
            page.line(3, f"- Type: {each.get('type')}", f"Value: {each.get('value')}", seconds)
