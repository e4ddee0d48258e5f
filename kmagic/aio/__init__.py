"""Concurrency in small pieces: a signal, tasks with an owner, deadlines, back-off.

Here is what would otherwise be written by hand wherever something waits. It knows nothing of Kubernetes.
"""

from __future__ import annotations

__all__ = ()
