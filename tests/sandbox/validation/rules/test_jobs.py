"""Jobs and CronJobs."""

from typing import Any

import pytest

from kmagic.sandbox.validation.rules import jobs
from tests.sandbox.validation.rules.specs import POD_SPEC

LABELS = {"controller-uid": "u", "batch.kubernetes.io/controller-uid": "u"}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": {**POD_SPEC, "restartPolicy": "Never"}}
SPEC = {"selector": {"matchLabels": {"controller-uid": "u"}}, "template": TEMPLATE, "completionMode": "NonIndexed", "parallelism": 1, "completions": 1, "backoffLimit": 6}  # fmt: skip
CRON = {"schedule": "*/5 * * * *", "concurrencyPolicy": "Allow", "jobTemplate": {"spec": {key: SPEC[key] for key in SPEC if key != "selector"}}}  # fmt: skip


def job(**change: Any) -> Any:
    return {"metadata": {"name": "j", "uid": "u"}, "spec": {**SPEC, **change}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None),
        ({"selector": None}, "spec.selector"),
        ({"selector": {"matchLabels": {"a": "b"}}}, "spec.selector"),
        ({"parallelism": -1}, "spec.parallelism"),
        ({"template": {**TEMPLATE, "spec": POD_SPEC}}, "spec.template.spec.restartPolicy"),
    ],
)
def test_what_is_wrong_with_a_job(change: Any, field: Any) -> None:
    found = [cause.field for cause in jobs.job(job(**change))]
    assert found[:1] == ([field] if field else [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None),
        ({"schedule": "every day"}, "spec.schedule"),
        ({"schedule": "TZ=UTC 0 0 * * *"}, "spec.schedule"),
        ({"schedule": ""}, "spec.schedule"),
        ({"timeZone": "Mars/Olympus"}, "spec.timeZone"),
        ({"timeZone": "Europe/Berlin"}, None),
        ({"concurrencyPolicy": "Maybe"}, "spec.concurrencyPolicy"),
        ({"failedJobsHistoryLimit": -1}, "spec.failedJobsHistoryLimit"),
    ],
)
def test_what_is_wrong_with_a_cron_job(change: Any, field: Any) -> None:
    found = {cause.field for cause in jobs.cron_job({"metadata": {"name": "c"}, "spec": {**CRON, **change}})}
    assert found == ({field} if field else set())


def test_the_name_of_a_cron_job_leaves_room_for_its_jobs() -> None:
    assert not [*jobs.new_cron_job({"metadata": {"name": "x" * 52}})]
    assert [*jobs.new_cron_job({"metadata": {"name": "x" * 53}})]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"parallelism": 5}, None),
        ({"completions": 5}, "spec.completions"),
        ({"template": {"spec": {}}}, "spec.template"),
    ],
)
def test_what_of_a_job_may_change(change: Any, field: Any) -> None:
    assert [cause.field for cause in jobs.job_change(job(), job(**change))] == ([field] if field else [])
