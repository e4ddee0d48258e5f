"""ReplicationControllers: what ReplicaSets were before, with a selector of labels.

Source: pkg/controller/replication, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.sandbox.controllers.replica_set import Replication

if TYPE_CHECKING:
    from kmagic.sandbox.controllers.base import Controller

__all__ = ("CONTROLLER",)

CONTROLLER: Controller = Replication(
    "replication-controller", "ReplicationController", "replicationcontrollers"
).controller()
