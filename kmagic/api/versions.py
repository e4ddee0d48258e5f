"""The order of API versions: v2 before v1 before v1beta2 before v1beta1 before v1alpha1 before the rest.

Source: k8s.io/apimachinery/pkg/version/helpers.go (CompareKubeAwareVersionStrings)
"""

from __future__ import annotations

import re

__all__ = ("is_stable", "version_key")

_VERSION = re.compile(r"v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?")
_STAGES = {None: 2, "beta": 1, "alpha": 0}


def version_key(version: str) -> tuple[int, int, int, str]:
    """A sort key: ascending order lists the most preferred version first."""
    match = _VERSION.fullmatch(version)
    if not match:
        return (1, 0, 0, version)
    return (-_STAGES[match[2]], -int(match[1]), -int(match[3] or 0), "")


def is_stable(version: str) -> bool:
    """Returns whether it is a ``v1``-like version without alpha or beta."""
    match = _VERSION.fullmatch(version)
    return bool(match and match[2] is None)
