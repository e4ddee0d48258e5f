"""Jobs and CronJobs.

Source: pkg/apis/batch/validation/validation.go, github.com/robfig/cron/v3/parser.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kmagic.api.selectors import label_selector_of
from kmagic.api.types import JSONObject
from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation.rules.causes import choice, not_negative, required, unsupported, wrong
from kmagic.sandbox.validation.rules.labels import selector
from kmagic.sandbox.validation.rules.pods import pod_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("cron_job", "job", "job_change", "new_cron_job")

COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
NAME_LENGTH = 52
MODES = ("NonIndexed", "Indexed")
POLICIES = ("Allow", "Forbid", "Replace")
FIXED = ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")
CHANGEABLE_WHILE_SUSPENDED = ("nodeSelector", "tolerations", "schedulingGates")
DESCRIPTORS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
BOUNDS: tuple[tuple[int, int, Sequence[str]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, MONTHS),
    (0, 6, DAYS),
)
ZONE = re.compile(r"[A-Za-z.\-_0-9+]{1,14}")


def job(obj: JSONObject) -> Iterator[Cause]:
    """A Job."""
    spec = obj.get("spec") or {}
    chosen, uid = spec.get("selector"), obj["metadata"].get("uid", "")
    if chosen is None:
        yield required("spec.selector")
        return
    expected = {"controller-uid": uid, "job-name": obj["metadata"]["name"]}
    expected |= {f"batch.kubernetes.io/{key}": value for key, value in expected.items()}
    broken = any(selector("spec.selector", chosen))
    if not broken and not spec.get("manualSelector") and not label_selector_of(chosen).matches(expected):
        yield wrong("spec.selector", chosen, "`selector` not auto-generated")
    yield from _spec(spec, "spec")
    yield from selector("spec.selector", chosen)
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    if not broken and not label_selector_of(chosen).matches(labels):
        yield wrong("spec.template.metadata.labels", labels or None, "`selector` does not match template `labels`")


def new_cron_job(obj: JSONObject) -> Iterator[Cause]:
    """A CronJob that is not there yet: its name leaves room for the suffixes of its Jobs."""
    name = obj["metadata"]["name"]
    if len(name) > NAME_LENGTH:
        yield wrong("metadata.name", name, f"must be no more than {NAME_LENGTH} characters")


def cron_job(obj: JSONObject) -> Iterator[Cause]:
    """A CronJob."""
    spec = obj.get("spec") or {}
    schedule, zone = spec.get("schedule"), spec.get("timeZone")
    if schedule:
        problem = _schedule_problem(schedule)
        if problem:
            yield wrong("spec.schedule", schedule, problem)
        if "TZ" in schedule:
            yield wrong("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
    yield from not_negative(spec, "spec", "startingDeadlineSeconds")
    if zone is not None:
        yield from _zone("spec.timeZone", zone)
    yield from choice(spec, "spec", "concurrencyPolicy", POLICIES)
    template = (spec.get("jobTemplate") or {}).get("spec") or {}
    yield from _spec(template, "spec.jobTemplate.spec")
    if template.get("selector") is not None:
        yield wrong("spec.jobTemplate.spec.selector", template["selector"], "`selector` will be auto-generated")
    yield from not_negative(spec, "spec", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    if not schedule:
        yield required("spec.schedule")


def _spec(spec: JSONObject, field: str) -> Iterator[Cause]:
    yield from not_negative(spec, field, *COUNTS)
    yield from _indexes(spec, field)
    template = spec.get("template") or {}
    yield from pod_template(template, f"{field}.template")
    policy, place = (template.get("spec") or {}).get("restartPolicy"), f"{field}.template.spec.restartPolicy"
    if policy in ("Always", None):
        yield required(place, 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        yield unsupported(place, policy, ("OnFailure", "Never"))
    elif policy != "Never" and spec.get("podFailurePolicy") is not None:
        yield wrong(place, policy, 'only "Never" is supported when podFailurePolicy is specified')


def _indexes(spec: JSONObject, field: str) -> Iterator[Cause]:
    mode = spec.get("completionMode", "NonIndexed")
    if mode not in MODES:
        yield unsupported(f"{field}.completionMode", mode, MODES)
    if mode == "Indexed" and spec.get("completions") is None:
        yield required(f"{field}.completions", "when completion mode is Indexed")
    if mode == "NonIndexed":
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(name) is not None:
                yield wrong(f"{field}.{name}", spec[name], "requires indexed completion mode")
    replacement = spec.get("podReplacementPolicy")
    allowed = ("Failed", "TerminatingOrFailed") if spec.get("podFailurePolicy") is None else ("Failed",)
    if replacement is not None and replacement not in allowed:
        yield unsupported(f"{field}.podReplacementPolicy", replacement, allowed)


@cache
def _schedule_problem(schedule: str) -> str:
    """Returns the problem of a schedule, in the parser's words; empty when it can be read."""
    if schedule.startswith(("TZ=", "CRON_TZ=")):
        schedule = schedule.partition(" ")[2].strip()
    if schedule.startswith("@"):
        known = schedule in DESCRIPTORS or schedule.startswith("@every ")
        return "" if known else f"unrecognized descriptor: {schedule}"
    fields = schedule.split()
    if len(fields) != len(BOUNDS):
        return f"expected exactly {len(BOUNDS)} fields, found {len(fields)}: [{' '.join(fields)}]"
    for text, (low, high, names) in zip(fields, BOUNDS, strict=True):
        for part in filter(None, text.split(",")):
            try:
                _read_range(part, low, high, names)
            except ValueError as error:
                return str(error)
    return ""


def _read_range(part: str, low: int, high: int, names: Sequence[str]) -> None:
    span, *steps = part.split("/")
    ends = span.split("-")
    if ends[0] in ("*", "?"):
        first, last = low, high
    else:
        first = last = _number(ends[0], low, names)
        if len(ends) > 2:
            raise ValueError(f"too many hyphens: {part}")
        if len(ends) == 2:
            last = _number(ends[1], low, names)
    if len(steps) > 1:
        raise ValueError(f"too many slashes: {part}")
    step = _number(steps[0], low, ()) if steps else 1
    if steps and len(ends) == 1:
        last = high
    if first < low:
        raise ValueError(f"beginning of range ({first}) below minimum ({low}): {part}")
    if last > high:
        raise ValueError(f"end of range ({last}) above maximum ({high}): {part}")
    if first > last:
        raise ValueError(f"beginning of range ({first}) beyond end of range ({last}): {part}")
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {part}")


def _number(text: str, low: int, names: Sequence[str]) -> int:
    if text.lower() in names:
        return low + names.index(text.lower())
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise ValueError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    if int(text) < 0:
        raise ValueError(f"negative number ({int(text)}) not allowed: {text}")
    return int(text)


def _zone(field: str, name: str) -> Iterator[Cause]:
    if not name:
        yield wrong(field, name, "timeZone must be nil or non-empty string")
    elif any(part.startswith("-") or part in (".", "..") or not ZONE.fullmatch(part) for part in name.split("/")):
        yield wrong(field, name, f"unknown time zone {name}")
    elif name.lower() == "local":
        why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        yield wrong(field, name, why)
    elif not _is_zone(name):
        yield wrong(field, name, f"unknown time zone {name}")


@cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def job_change(old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    """Yields the forbidden changes of a Job: its number of completions, and its template once it has begun."""
    before, after = old.get("spec") or {}, new.get("spec") or {}
    wanted = after.get("completions")
    if wanted != before.get("completions"):
        if after.get("completionMode") != "Indexed":
            yield wrong("spec.completions", wanted, "field is immutable")
        elif wanted is not None and wanted != after.get("parallelism"):
            yield wrong("spec.completions", wanted, "can only be modified in tandem with spec.parallelism")
    if before.get("selector") != after.get("selector"):
        yield wrong("spec.selector", after.get("selector"), "field is immutable")
    waits = bool(before.get("suspend")) and not (old.get("status") or {}).get("startTime")
    if _frozen(before.get("template") or {}, waits) != _frozen(after.get("template") or {}, waits):
        yield wrong("spec.template", after.get("template"), "field is immutable")
    for name in FIXED:
        if before.get(name) != after.get(name):
            yield wrong(f"spec.{name}", after.get(name), "field is immutable")


def _frozen(template: JSONObject, waits: bool) -> JSONObject:
    if not waits:
        return template
    metadata = {k: v for k, v in (template.get("metadata") or {}).items() if k not in ("labels", "annotations")}
    spec = {k: v for k, v in (template.get("spec") or {}).items() if k not in CHANGEABLE_WHILE_SUSPENDED}
    affinity = {k: v for k, v in (spec.pop("affinity", None) or {}).items() if k != "nodeAffinity"}
    for group in ("containers", "initContainers"):
        spec[group] = [{k: v for k, v in c.items() if k != "resources"} for c in spec.get(group) or ()]
    return {"metadata": metadata, "spec": spec, "affinity": affinity}
