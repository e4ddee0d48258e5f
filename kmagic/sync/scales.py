"""The scale of anything that has one, blocking."""

from __future__ import annotations

from kmagic.client.scale import Scale, ScaleClient
from kmagic.sync.documentation import documented_by
from kmagic.sync.runtime import Runtime

__all__ = ("Scales",)


@documented_by(ScaleClient)
class Scales:
    """Scales in one namespace. See `kmagic.client.scale.ScaleClient`."""

    def __init__(self, inner: ScaleClient, runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def get(self, resource: str, name: str) -> Scale:
        return self._runtime.run(self._async.get(resource, name))

    def update(self, resource: str, scale: Scale, *, replicas: int, dry_run: bool = False) -> Scale:
        return self._runtime.run(self._async.update(resource, scale, replicas=replicas, dry_run=dry_run))

    def patch(self, resource: str, name: str, *, replicas: int, dry_run: bool = False) -> Scale:
        return self._runtime.run(self._async.patch(resource, name, replicas=replicas, dry_run=dry_run))
