"""What Pods ask for, as the scheduler counts it, and the cells of kubectl's top."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.views.usage import Amount, amount_of, cpu_cell, memory_cell, percent, pod_wish


def container(cpu: str = "", memory: str = "", limit: str = "", **more: Any) -> dict[str, Any]:
    requests = {key: value for key, value in (("cpu", cpu), ("memory", memory)) if value}
    return {"resources": {"requests": requests, "limits": {"cpu": limit} if limit else {}}, **more}


@pytest.mark.parametrize(
    ("spec", "cpu", "memory"),
    [
        pytest.param({"containers": [container("250m", "64Mi"), container("1")]}, 1250, 64 << 20, id="the sum"),
        pytest.param({"containers": [container()]}, None, None, id="nothing"),
        pytest.param(
            {"containers": [container("100m")], "initContainers": [container("2")]}, 2000, None, id="an init container"
        ),
        pytest.param(
            {
                "containers": [container("100m")],
                "initContainers": [container("50m", restartPolicy="Always"), container("200m")],
            },
            250,
            None,
            id="a sidecar beside an init container",
        ),
        pytest.param(
            {"containers": [container("1")], "overhead": {"cpu": "10m", "memory": "1Mi"}}, 1010, 1 << 20, id="overhead"
        ),
        pytest.param({"containers": [container("many")]}, None, None, id="no number"),
    ],
)
def test_requests_are_counted_as_the_scheduler_counts_them(spec: Any, cpu: int | None, memory: int | None) -> None:
    found = pod_wish({"spec": spec}, "requests")
    assert (found.cpu, found.memory) == (cpu, memory)


def test_what_has_no_limit_has_none_with_its_overhead() -> None:
    spec = {"containers": [container(limit="1")], "overhead": {"cpu": "10m", "memory": "1Mi"}}
    assert pod_wish({"spec": spec}, "limits") == Amount(cpu=1010)


def test_cells_are_rounded_as_kubectl_rounds_them() -> None:
    used = amount_of({"cpu": "1500001n", "memory": "2097151"})
    assert (cpu_cell(used.cpu), memory_cell(used.memory)) == ("2m", "1Mi")
    assert (percent(1, 3), percent(1, 0), percent(None, 3), percent(3, None)) == (33, 0, None, None)
