"""The result of `%kdescribe`: text as ever, HTML of the same lines beside it."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.magics.results.description import KDescription

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_it_is_text_and_shows_html_where_a_page_can() -> None:
    found = KDescription(
        [({"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "b"}}, [])], NOW, "dev ▸ shop"
    )
    assert found.splitlines()[0].split() == ["Name:", "c"]
    bundle = found._repr_mimebundle_()
    assert bundle["text/plain"] == str(found)
    assert "dev ▸ shop · as of 2026-01-01 00:00:00 UTC" in bundle["text/html"]


def test_many_objects_are_text_only_and_none_are_said() -> None:
    many = [({"kind": "ConfigMap", "metadata": {"name": str(at)}}, []) for at in range(6)]
    assert list(KDescription(many, NOW, "dev")._repr_mimebundle_()) == ["text/plain"]
    assert str(KDescription([], NOW, "dev")) == "No resources found"
