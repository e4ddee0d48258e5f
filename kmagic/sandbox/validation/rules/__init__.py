"""The validation of each kind's fields, a module a group of kinds: pure functions from an object to causes.

The real server has a hand-written rule for every field; here are those that people meet, in the same words and order.
"""

from __future__ import annotations

__all__ = ()
