"""Acting on what a cache says: work queues, leader election, events, the controller loop.

The names of client-go's packages `util/workqueue`, `tools/leaderelection` and `tools/record` are here under one roof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic._lazy import touched

if TYPE_CHECKING:
    from kmagic.controller.conditions import find_condition as find_condition
    from kmagic.controller.conditions import is_condition_true as is_condition_true
    from kmagic.controller.conditions import remove_condition as remove_condition
    from kmagic.controller.conditions import set_condition as set_condition
    from kmagic.controller.controller import Controller as Controller
    from kmagic.controller.delaying_queue import DelayingQueue as DelayingQueue
    from kmagic.controller.events import EventRecorder as EventRecorder
    from kmagic.controller.events_v1 import SeriesRecorder as SeriesRecorder
    from kmagic.controller.finalizers import add_finalizer as add_finalizer
    from kmagic.controller.finalizers import has_finalizer as has_finalizer
    from kmagic.controller.finalizers import is_going as is_going
    from kmagic.controller.finalizers import remove_finalizer as remove_finalizer
    from kmagic.controller.flow_control import Backoff as Backoff
    from kmagic.controller.flow_control import TokenBucketRateLimiter as TokenBucketRateLimiter
    from kmagic.controller.leader_election import HealthzAdaptor as HealthzAdaptor
    from kmagic.controller.leader_election import LeaderElector as LeaderElector
    from kmagic.controller.metrics import MemoryMetrics as MemoryMetrics
    from kmagic.controller.parallelize import parallelize_until as parallelize_until
    from kmagic.controller.priority_queue import PriorityQueue as PriorityQueue
    from kmagic.controller.prometheus import PrometheusMetrics as PrometheusMetrics
    from kmagic.controller.rate_limiters import BucketRateLimiter as BucketRateLimiter
    from kmagic.controller.rate_limiters import ItemExponentialFailureRateLimiter as ItemExponentialFailureRateLimiter
    from kmagic.controller.rate_limiters import ItemFastSlowRateLimiter as ItemFastSlowRateLimiter
    from kmagic.controller.rate_limiters import MaxOfRateLimiter as MaxOfRateLimiter
    from kmagic.controller.rate_limiters import WithMaxWaitRateLimiter as WithMaxWaitRateLimiter
    from kmagic.controller.rate_limiters import default_controller_rate_limiter as default_controller_rate_limiter
    from kmagic.controller.rate_limiters import default_item_based_rate_limiter as default_item_based_rate_limiter
    from kmagic.controller.rate_limiting_queue import RateLimitingQueue as RateLimitingQueue
    from kmagic.controller.reference import controller_reference as controller_reference
    from kmagic.controller.reference import object_reference as object_reference
    from kmagic.controller.watches import Watch as Watch
    from kmagic.controller.watches import annotations_changed as annotations_changed
    from kmagic.controller.watches import generation_changed as generation_changed
    from kmagic.controller.watches import labels_changed as labels_changed
    from kmagic.controller.watches import owned as owned
    from kmagic.controller.workqueue import WorkQueue as WorkQueue

__all__ = (
    "Backoff",
    "BucketRateLimiter",
    "Controller",
    "DelayingQueue",
    "EventRecorder",
    "HealthzAdaptor",
    "ItemExponentialFailureRateLimiter",
    "ItemFastSlowRateLimiter",
    "LeaderElector",
    "MaxOfRateLimiter",
    "MemoryMetrics",
    "PriorityQueue",
    "PrometheusMetrics",
    "RateLimitingQueue",
    "SeriesRecorder",
    "TokenBucketRateLimiter",
    "Watch",
    "WithMaxWaitRateLimiter",
    "WorkQueue",
    "add_finalizer",
    "annotations_changed",
    "controller_reference",
    "default_controller_rate_limiter",
    "default_item_based_rate_limiter",
    "find_condition",
    "generation_changed",
    "has_finalizer",
    "is_condition_true",
    "is_going",
    "labels_changed",
    "object_reference",
    "owned",
    "parallelize_until",
    "remove_condition",
    "remove_finalizer",
    "set_condition",
)

_HOMES = {
    "controller": ("Controller",),
    "delaying_queue": ("DelayingQueue",),
    "events": ("EventRecorder",),
    "events_v1": ("SeriesRecorder",),
    "flow_control": (
        "Backoff",
        "TokenBucketRateLimiter",
    ),
    "leader_election": (
        "HealthzAdaptor",
        "LeaderElector",
    ),
    "metrics": ("MemoryMetrics",),
    "parallelize": ("parallelize_until",),
    "priority_queue": ("PriorityQueue",),
    "prometheus": ("PrometheusMetrics",),
    "rate_limiters": (
        "BucketRateLimiter",
        "ItemExponentialFailureRateLimiter",
        "ItemFastSlowRateLimiter",
        "MaxOfRateLimiter",
        "WithMaxWaitRateLimiter",
        "default_controller_rate_limiter",
        "default_item_based_rate_limiter",
    ),
    "rate_limiting_queue": ("RateLimitingQueue",),
    "reference": (
        "controller_reference",
        "object_reference",
    ),
    "watches": (
        "Watch",
        "annotations_changed",
        "generation_changed",
        "labels_changed",
        "owned",
    ),
    "conditions": ("find_condition", "is_condition_true", "remove_condition", "set_condition"),
    "finalizers": ("add_finalizer", "has_finalizer", "is_going", "remove_finalizer"),
    "workqueue": ("WorkQueue",),
}


def __getattr__(name: str) -> object:
    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
