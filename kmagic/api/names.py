"""The rules for names: of objects, namespaces, labels and parts of a URL path.

Problems are worded as the server words them.

Source: k8s.io/apimachinery/pkg/util/validation/validation.go, pkg/api/validation/path/name.go.
"""

from __future__ import annotations

import re

__all__ = (
    "DNS_LABEL",
    "DNS_SUBDOMAIN",
    "LABEL_PART",
    "NAME_RULE",
    "SUBDOMAIN_RULE",
    "VALUE_RULE",
    "is_dns_label",
    "is_dns_subdomain",
    "label_key_problem",
    "label_value_problem",
    "path_segment_problems",
)

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
LABEL_PART = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")

NAME_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


def is_dns_label(text: str) -> bool:
    """Returns whether a namespace or Service may be called so: at most 63 of ``a-z0-9-``."""
    return len(text) <= 63 and DNS_LABEL.fullmatch(text) is not None


def is_dns_subdomain(text: str) -> bool:
    """Returns whether most objects may be called so: DNS labels joined by dots, at most 253 characters."""
    return len(text) <= 253 and DNS_SUBDOMAIN.fullmatch(text) is not None


def label_key_problem(key: str) -> str:
    """Returns the problem with a label or annotation key (``example.com/name``), or ""."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        return NAME_RULE.replace("name part must", "a qualified name must", 1)
    if slash and not prefix:
        return "prefix part must be non-empty"
    if slash and not is_dns_subdomain(prefix):
        return f"prefix part {SUBDOMAIN_RULE}"
    if not name:
        return "name part must be non-empty"
    if len(name) > 63:
        return "name part must be no more than 63 characters"
    return "" if LABEL_PART.fullmatch(name) else NAME_RULE


def label_value_problem(value: str) -> str:
    """Returns the problem with a label's value, or ""."""
    if len(value) > 63:
        return "must be no more than 63 characters"
    return "" if not value or LABEL_PART.fullmatch(value) else VALUE_RULE


def path_segment_problems(name: str) -> list[str]:
    """Returns the reasons why a name cannot be one part of a URL path; empty when it can."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{character}'" for character in "/%" if character in name]
