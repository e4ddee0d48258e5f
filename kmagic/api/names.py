"""What may be a name, a namespace or a path segment.

Source: k8s.io/apimachinery/pkg/util/validation/validation.go, pkg/api/validation/path/name.go
"""

from __future__ import annotations

import re

__all__ = ("is_dns_label", "is_dns_subdomain", "path_segment_problems")

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def is_dns_label(text: str) -> bool:
    """Whether it can be a namespace: at most 63 of ``a-z 0-9 -``, alphanumeric at both ends."""
    return len(text) <= 63 and bool(_LABEL.fullmatch(text))


def is_dns_subdomain(text: str) -> bool:
    """Whether it can be most objects' name: labels joined by dots, at most 253."""
    return len(text) <= 253 and bool(_SUBDOMAIN.fullmatch(text))


def path_segment_problems(name: str) -> list[str]:
    """Why a name cannot be part of a URL path; empty when it can."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{character}'" for character in "/%" if character in name]
