"""Names, label keys and values, and label selectors.

Source: staging/src/k8s.io/apimachinery/pkg/util/validation, pkg/apis/meta/v1/validation, kubernetes v1.37.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kmagic.api import names
from kmagic.api.types import JSONObject
from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation.rules.causes import forbidden, go_value, required, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = (
    "annotation_keys",
    "config_key",
    "dns_label",
    "dns_subdomain",
    "finalizers",
    "host",
    "label_key",
    "label_value",
    "labels",
    "path_segment",
    "selector",
)

CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")

LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
WHOLE_KEY_RULE = (
    "a valid label key must consist of"
    + names.NAME_RULE.removeprefix("name part must consist of")
    + " with an optional DNS "
    "subdomain prefix and '/' (e.g. 'example.com/MyName')"
)
WILDCARD_RULE = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower "
    "case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used "
    "for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
CONFIG_KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
SUBDOMAIN_LENGTH, LABEL_LENGTH = 253, 63
STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")


def dns_label(field: str, name: str) -> Iterator[Cause]:
    """One part of a host's name."""
    yield from _length(field, name, LABEL_LENGTH)
    if not names.DNS_LABEL.fullmatch(name):
        yield wrong(field, name, "must not contain dots" if names.DNS_SUBDOMAIN.fullmatch(name) else LABEL_RULE)


def dns_subdomain(field: str, name: str) -> Iterator[Cause]:
    """A host's name: parts with dots between them."""
    yield from _length(field, name, SUBDOMAIN_LENGTH)
    if not names.DNS_SUBDOMAIN.fullmatch(name):
        yield wrong(field, name, names.SUBDOMAIN_RULE)


def host(field: str, name: str) -> Iterator[Cause]:
    """A host's name, or all below one: ``*.example.com``."""
    if "*" not in name:
        yield from dns_subdomain(field, name)
    elif not name.startswith("*.") or not names.DNS_SUBDOMAIN.fullmatch(name.removeprefix("*.")):
        yield wrong(field, name, WILDCARD_RULE)


def annotation_keys(field: str, given: Mapping[str, str]) -> Iterator[Cause]:
    """Keys of annotations, which may have capitals where labels may not."""
    for key in given:
        for cause in label_key(field, key.lower()):
            yield cause._replace(message=cause.message.replace(go_value(key.lower()), go_value(key), 1))


def path_segment(field: str, name: str) -> Iterator[Cause]:
    """Yields the problem of a name that cannot stand between two slashes of a URL."""
    for problem in names.path_segment_problems(name):
        yield wrong(field, name, problem)


def config_key(field: str, key: str) -> Iterator[Cause]:
    """A key of a ConfigMap or a Secret: a file's name."""
    yield from _length(field, key, SUBDOMAIN_LENGTH)
    if not CONFIG_KEY.fullmatch(key):
        yield wrong(field, key, CONFIG_KEY_RULE)
    if key in (".", ".."):
        yield wrong(field, key, f"must not be '{key}'")
    elif key.startswith(".."):
        yield wrong(field, key, "must not start with '..'")


def labels(field: str, given: Mapping[str, str]) -> Iterator[Cause]:
    """Keys and values of labels."""
    for key, value in given.items():
        yield from label_key(field, key)
        yield from label_value(field, value)


def finalizers(field: str, given: Sequence[str], *, builtin: bool) -> Iterator[Cause]:
    """Names of finalizers; on built-in kinds without a host's name only the field's own."""
    for name in given:
        yield from label_key(field, name)
    if not builtin:
        return
    for index, name in enumerate(given):
        if "/" not in name and name not in STANDARD_FINALIZERS:
            yield wrong(
                f"{field}[{index}]", name, "name is neither a standard finalizer name nor is it fully qualified"
            )


def label_key(field: str, key: str) -> Iterator[Cause]:
    """A name with an optional host's name before it: ``app.kubernetes.io/name``."""
    prefix, slash, name = key.partition("/")
    if "/" in name:
        yield wrong(field, key, WHOLE_KEY_RULE)
        return
    if not slash:
        name = prefix
    elif not names.DNS_SUBDOMAIN.fullmatch(prefix):
        yield wrong(field, key, f"prefix part {names.SUBDOMAIN_RULE}" if prefix else "prefix part must be non-empty")
    if not name:
        yield wrong(field, key, "name part must be non-empty")
    elif len(name) > LABEL_LENGTH:
        yield wrong(field, key, f"name part must be no more than {LABEL_LENGTH} characters")
    if not names.LABEL_PART.fullmatch(name):
        yield wrong(field, key, names.NAME_RULE)


def label_value(field: str, value: str) -> Iterator[Cause]:
    """A label's value, which may be empty."""
    if len(value) > LABEL_LENGTH:
        yield wrong(field, value, f"must be no more than {LABEL_LENGTH} bytes")
    if value and not names.LABEL_PART.fullmatch(value):
        yield wrong(field, value, names.VALUE_RULE)


def selector(field: str, given: JSONObject | None) -> Iterator[Cause]:
    """A label selector with matchLabels and matchExpressions."""
    if given is None:
        return
    yield from labels(f"{field}.matchLabels", given.get("matchLabels") or {})
    for index, expression in enumerate(given.get("matchExpressions") or ()):
        yield from _requirement(f"{field}.matchExpressions[{index}]", expression)


def _requirement(field: str, expression: JSONObject) -> Iterator[Cause]:
    operator, values = expression.get("operator", ""), expression.get("values") or ()
    if operator in ("In", "NotIn"):
        if not values:
            yield required(f"{field}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            yield forbidden(f"{field}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    else:
        yield wrong(f"{field}.operator", operator, "not a valid selector operator")
    yield from label_key(f"{field}.key", expression.get("key", ""))
    for number, value in enumerate(values):
        yield from label_value(f"{field}.values[{number}]", value)


def _length(field: str, text: str, most: int) -> Iterator[Cause]:
    if len(text) > most:
        yield wrong(field, text, f"must be no more than {most} characters")
