"""Acting on what a cache says: work queues, leader election, events, the controller loop.

The names of client-go's packages `util/workqueue`, `tools/leaderelection` and `tools/record` are here under one roof.
"""

from __future__ import annotations

from kmagic.controller.controller import Controller
from kmagic.controller.delaying_queue import DelayingQueue
from kmagic.controller.events import EventRecorder
from kmagic.controller.events_v1 import SeriesRecorder
from kmagic.controller.flow_control import Backoff, TokenBucketRateLimiter
from kmagic.controller.leader_election import HealthzAdaptor, LeaderElector
from kmagic.controller.metrics import MemoryMetrics
from kmagic.controller.parallelize import parallelize_until
from kmagic.controller.priority_queue import PriorityQueue
from kmagic.controller.rate_limiters import (
    BucketRateLimiter,
    ItemExponentialFailureRateLimiter,
    ItemFastSlowRateLimiter,
    MaxOfRateLimiter,
    WithMaxWaitRateLimiter,
    default_controller_rate_limiter,
    default_item_based_rate_limiter,
)
from kmagic.controller.rate_limiting_queue import RateLimitingQueue
from kmagic.controller.reference import controller_reference, object_reference
from kmagic.controller.watches import Watch, owned
from kmagic.controller.workqueue import WorkQueue

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
    "RateLimitingQueue",
    "SeriesRecorder",
    "TokenBucketRateLimiter",
    "Watch",
    "WithMaxWaitRateLimiter",
    "WorkQueue",
    "controller_reference",
    "default_controller_rate_limiter",
    "default_item_based_rate_limiter",
    "object_reference",
    "owned",
    "parallelize_until",
)
