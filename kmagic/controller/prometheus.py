"""The metrics of work queues in a `prometheus_client` registry, beside a program's own; the extra `[metrics]`."""

from __future__ import annotations

import importlib
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from kmagic.controller.metrics import BUCKETS, QUEUE_METRICS
from kmagic.errors import KubeError

__all__ = ("PrometheusMetrics",)


class PrometheusMetrics:
    """Reports any number of queues to a registry, under the names every Kubernetes dashboard knows.

    ```python
    metrics = PrometheusMetrics()
    queue = WorkQueue(name="foos", metrics=metrics)
    prometheus_client.start_http_server(9090)
    ```

    Args:
        registry: The registry they go to; None: `prometheus_client`'s own, which its endpoint serves. One
            registry takes one `PrometheusMetrics`.

    Raises:
        KubeError: `prometheus_client` is not installed.
    """

    def __init__(self, registry: Any = None) -> None:
        try:
            library = importlib.import_module("prometheus_client")
        except ImportError as error:
            raise KubeError(
                "Prometheus' registry needs prometheus_client, which is not installed",
                hint="pip install 'kmagic[metrics]'",
            ) from error
        registry = library.REGISTRY if registry is None else registry
        # Weak: figures do not keep a queue of a re-run cell alive.
        self._refresh: list[weakref.ref[Callable[[], None]]] = []
        # Before the metrics: a registry collects in the order in which they came.
        registry.register(self)
        makers = {"gauge": library.Gauge, "counter": library.Counter}
        self._metrics: dict[str, Any] = {
            metric: library.Histogram(metric, words, ["name"], registry=registry, buckets=BUCKETS)
            if kind == "histogram"
            else makers[kind](metric, words, ["name"], registry=registry)
            for metric, (kind, words) in QUEUE_METRICS.items()
        }

    def set(self, metric: str, name: str, value: float) -> None:
        """A gauge has this value now."""
        self._metrics[metric].labels(name).set(value)

    def increment(self, metric: str, name: str) -> None:
        """A counter goes up by one."""
        self._metrics[metric].labels(name).inc()

    def observe(self, metric: str, name: str, seconds: float) -> None:
        """A histogram sees one duration."""
        self._metrics[metric].labels(name).observe(seconds)

    def on_collect(self, refresh: Callable[[], None]) -> None:
        """`refresh` is called before figures are read."""
        self._refresh.append(weakref.WeakMethod(refresh))

    def describe(self) -> Iterable[Any]:
        """Returns no metric of its own: it only refreshes the others, when the registry collects."""
        return ()

    def collect(self) -> Iterable[Any]:
        """Refreshes the gauges that grow with time; the registry calls it before it reads them."""
        alive = [(ref, refresh) for ref in self._refresh if (refresh := ref()) is not None]
        self._refresh = [ref for ref, _ in alive]
        for _, refresh in alive:
            refresh()
        return ()
