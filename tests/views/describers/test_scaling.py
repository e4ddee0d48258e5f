"""Autoscalers that know what they see."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.describers import scaling
from kmagic.views.describers.page import Page

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)


def test_what_is_seen_stands_beside_what_is_wanted() -> None:
    page = Page(NOW, {})
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 80}}}
    seen = {
        "type": "Resource",
        "resource": {"name": "cpu", "current": {"averageUtilization": 40, "averageValue": "40m"}},
    }
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 5, "metrics": [metric]}
    scaling.autoscaler(page, {"metadata": {"name": "web"}, "spec": spec, "status": {"currentMetrics": [seen]}})
    assert "resource cpu on pods  (as a percentage of request):  40% (40m) / 80%\n" in page.text
    assert "Min replicas:" in page.text
    assert "<unset>" in page.text
