"""The patch that restarts the Pods of a workload.

Source: k8s.io/kubectl/pkg/polymorphichelpers/objectrestarter.go, k8s.io/kubectl/pkg/cmd/rollout/rollout_restart.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.api.door import reads_objects
from kmagic.api.times import format_time
from kmagic.errors import ArgumentError
from kmagic.views.rollout import rolling_kind

if TYPE_CHECKING:
    from datetime import datetime

    from kmagic.api.types import JSONObject

__all__ = ("restart_patch",)

_RESTARTED = "kubectl.kubernetes.io/restartedAt"


@reads_objects
def restart_patch(obj: JSONObject, now: datetime) -> JSONObject:
    """Returns the merge patch that makes a workload roll out new Pods of the same template, as kubectl's restart does.

    Args:
        obj: A Deployment, StatefulSet or DaemonSet.
        now: Time of the restart, which is written into the template.

    Raises:
        ArgumentError: Another kind, one that is paused, or one that was restarted in the same second.
    """
    rolling_kind(obj)
    spec = obj.get("spec") or {}
    if spec.get("paused"):
        raise ArgumentError(f"{meta.name(obj)} is paused", hint="%krollout resume first, then restart")
    note = {_RESTARTED: format_time(now)}
    template = (spec.get("template") or {}).get("metadata") or {}
    if (template.get("annotations") or {}).get(_RESTARTED) == note[_RESTARTED]:
        raise ArgumentError(
            "if restart has already been triggered within the past second, please wait before attempting to "
            "trigger another"
        )
    return {"spec": {"template": {"metadata": {"annotations": note}}}}
