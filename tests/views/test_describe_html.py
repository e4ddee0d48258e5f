"""A description as HTML: the same words as its text, escaped."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

from kmagic.views.describe import describe
from kmagic.views.describe_html import describe_html

NOW = datetime(2026, 1, 1, 1, tzinfo=UTC)
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"a": "<b>", "c": "d"}},
    "spec": {"nodeName": "n1", "containers": [{"name": "main", "image": "nginx:1"}]},
    "status": {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]},
}
EVENT = {"type": "Warning", "reason": "BackOff", "message": "again & again", "lastTimestamp": "2026-01-01T00:59:00Z"}


def words(text: str) -> list[str]:
    return re.findall(r"[\w<>&/=:.]+", text)


def test_the_html_says_what_the_text_says() -> None:
    found = describe_html([(POD, [EVENT])], now=NOW, salt=b"s")
    assert "<b>" not in found
    body = re.sub(r"<style>.*?</style>", "", found, flags=re.DOTALL)
    said = words(unescape(re.sub(r"<[^>]*>", " ", body)))
    wanted = words(describe(POD, now=NOW, salt=b"s", events=[EVENT]))
    assert {word.rstrip(":") for word in wanted} <= {word.rstrip(":") for word in said}


def test_a_description_without_events_says_none() -> None:
    assert "none</div>" in describe_html([(POD, [])], now=NOW, salt=b"s")
    assert "kind-dev" in describe_html([(POD, [])], now=NOW, salt=b"s", footer="kind-dev")
