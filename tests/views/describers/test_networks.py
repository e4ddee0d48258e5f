"""Services with what is behind them."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.describers import networks
from kmagic.views.describers.page import Page

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)


def _slice(*addresses: str, ready: bool | None = None) -> dict[str, object]:
    ends = [{"addresses": [each], "conditions": {"ready": ready}} for each in addresses]
    return {"metadata": {"labels": {}}, "ports": [{"name": "http", "port": 8080}], "endpoints": ends}


def test_the_endpoints_of_a_port_are_three_and_a_count() -> None:
    slices = [_slice("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"), _slice("10.0.0.9", ready=False)]
    page = Page(NOW, {"endpointslices": slices})
    spec = {"type": "NodePort", "ports": [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}]}
    networks.service(page, {"metadata": {"name": "web"}, "spec": spec})
    assert "Endpoints:         10.0.0.1:8080,10.0.0.2:8080,10.0.0.3:8080 + 1 more...\n" in page.text
    assert "NodePort:          http  30080/TCP\n" in page.text


def test_an_ipv6_endpoint_is_in_brackets() -> None:
    page = Page(NOW, {"endpointslices": [_slice("fd00::1")]})
    networks.service(page, {"metadata": {"name": "web"}, "spec": {"ports": [{"name": "http", "port": 80}]}})
    assert "[fd00::1]:8080" in page.text
