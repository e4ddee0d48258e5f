"""Labels that mean something to the sandbox itself."""

from __future__ import annotations

__all__ = ("LOAD_LABEL",)

# On Pods of the load generator: controllers, kubelet and quotas leave them alone.
LOAD_LABEL = "kmagic.dev/load"
