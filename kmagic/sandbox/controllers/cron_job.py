"""CronJobs: a Job each time the schedule says so.

Source: pkg/controller/cronjob, kubernetes v1.37.2; times are UTC, ``timeZone`` is honoured where the system knows it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events

if TYPE_CHECKING:
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("CONTROLLER", "next_time", "reconcile")

NAME = "cronjob-controller"
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
NAMES: tuple[dict[str, int], ...] = (
    {},
    {},
    {},
    {
        name: n
        for n, name in enumerate(
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
        )
    },
    {name: n for n, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])},
)
ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
SEARCH_DAYS = 366 * 5


def reconcile(client: Loopback, key: Key) -> float | None:
    """Starts Jobs that are due, removes old ones, and returns when to look again."""
    stored = client.store.get("cronjobs.batch", *key)
    if stored is None:
        return None
    cron = stored.decode()
    if cron["metadata"].get("deletionTimestamp"):
        return None
    jobs = [(job, job.decode()) for job in base.children(client, cron["metadata"]["uid"], "jobs.batch")]
    _clean(client, cron, jobs)
    running = [job for job, obj in jobs if not _ended(obj)]
    status = dict(cron.get("status") or {})
    now = client.wall()
    last = status.get("lastScheduleTime") or cron["metadata"]["creationTimestamp"]
    due = None
    if not cron["spec"].get("suspend"):
        due = next_time(cron["spec"]["schedule"], datetime.fromisoformat(last), _zone(cron))
        if due is not None and due <= now:
            started = _start(client, cron, running, now)
            if started is not None:
                running.append(started)
            status["lastScheduleTime"] = format_time(now.replace(second=0, microsecond=0))
            due = next_time(cron["spec"]["schedule"], now, _zone(cron))
    status["active"] = [_reference(job) for job in running]
    if not status["active"]:
        del status["active"]
    successes = [o["status"]["completionTime"] for _, o in jobs if (o.get("status") or {}).get("completionTime")]
    if successes:
        status["lastSuccessfulTime"] = max(successes)
    base.update_status(client, stored, status)
    return None if due is None else max(0.1, (due - now).total_seconds())


def next_time(schedule: str, after: datetime, zone: ZoneInfo | None = None) -> datetime | None:
    """The first time of a five-field schedule after a moment, UTC; None when there is none in five years.

    Raises:
        ValueError: The schedule cannot be read.
    """
    fields = ALIASES.get(schedule, schedule).split()
    if len(fields) != len(BOUNDS):
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{schedule}]")
    minutes, hours, days, months, weekdays = (
        _values(field, bounds, names) for field, bounds, names in zip(fields, BOUNDS, NAMES, strict=True)
    )
    moment = (after.astimezone(zone or UTC) + timedelta(minutes=1)).replace(second=0, microsecond=0)
    # Both restricted: either may match, as in every cron.
    either = fields[2] != "*" and fields[4] != "*"
    for _ in range(SEARCH_DAYS):
        in_days, in_week = moment.day in days, (moment.weekday() + 1) % 7 in weekdays
        if moment.month in months and (in_days or in_week if either else in_days and in_week):
            for hour in sorted(h for h in hours if h >= moment.hour):
                first = moment.minute if hour == moment.hour else 0
                for minute in sorted(m for m in minutes if m >= first):
                    return moment.replace(hour=hour, minute=minute).astimezone(UTC)
        moment = (moment + timedelta(days=1)).replace(hour=0, minute=0)
    return None


def _values(field: str, bounds: tuple[int, int], names: dict[str, int]) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            low, high = bounds
        else:
            first, _, last = span.partition("-")
            low = _number(first, names)
            high = _number(last, names) if last else (bounds[1] if step else low)
        if low < bounds[0] or high > bounds[1] + (bounds == BOUNDS[4]):
            raise ValueError(f"{part!r} is not between {bounds[0]} and {bounds[1]}")
        found.update(range(low, high + 1, int(step or 1)))
    return {0 if bounds == BOUNDS[4] and value == 7 else value for value in found}


def _number(word: str, names: dict[str, int]) -> int:
    return names[word.lower()] if word.lower() in names else int(word)


def _zone(cron: JSONObject) -> ZoneInfo | None:
    try:
        return ZoneInfo(cron["spec"]["timeZone"]) if cron["spec"].get("timeZone") else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _start(client: Loopback, cron: JSONObject, running: list[Stored], now: datetime) -> Stored | None:
    policy = cron["spec"].get("concurrencyPolicy", "Allow")
    if running and policy == "Forbid":
        message = "Not starting job because prior execution is running and concurrency policy is Forbid"
        events.record(client, cron, "JobAlreadyActive", message, component=NAME)
        return None
    if policy == "Replace":
        for job in running:
            base.delete(client, job, propagation="Background")
        running.clear()
    template = cron["spec"]["jobTemplate"]
    metadata = template.get("metadata") or {}
    annotations = {
        **(metadata.get("annotations") or {}),
        "batch.kubernetes.io/cronjob-scheduled-timestamp": format_time(now),
    }
    body = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"{cron['metadata']['name']}-{int(now.timestamp()) // 60}",
            "namespace": cron["metadata"]["namespace"],
            "labels": metadata.get("labels") or {},
            "annotations": annotations,
            "ownerReferences": [base.owner_reference(cron)],
        },
        "spec": template["spec"],
    }
    if client.store.get("jobs.batch", body["metadata"]["namespace"], body["metadata"]["name"]) is not None:
        return None
    created = base.create(client, body)
    events.record(client, cron, "SuccessfulCreate", f"Created job {created.name}", component=NAME)
    return created


def _ended(job: JSONObject) -> str:
    conditions = (job.get("status") or {}).get("conditions") or ()
    return next((c["type"] for c in conditions if c["type"] in ("Complete", "Failed") and c["status"] == "True"), "")


def _clean(client: Loopback, cron: JSONObject, jobs: list[tuple[Stored, JSONObject]]) -> None:
    for kind, field in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
        ended = sorted((job.revision, job.name, job) for job, obj in jobs if _ended(obj) == kind)
        for _, _, job in ended[: max(0, len(ended) - cron["spec"].get(field, 3))]:
            base.delete(client, job, propagation="Background")


def _reference(job: Stored) -> JSONObject:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": job.name,
        "namespace": job.namespace,
        "uid": job.uid,
        "resourceVersion": str(job.revision),
    }


CONTROLLER = base.Controller(NAME, {"cronjobs.batch": base.itself, "jobs.batch": base.owner("CronJob")}, reconcile)
