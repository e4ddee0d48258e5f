"""Jobs: done, and given up."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import condition


async def test_a_job_completes_and_a_failing_one_gives_up(world: Any) -> None:
    def job(name: Any, command: Any, **spec: Any) -> Any:
        template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "b", "command": command}]}}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name},
            "spec": {"template": template, **spec},
        }

    world.create(job("good", ["echo", "hi"], completions=3, parallelism=2))
    world.create(job("bad", ["false"], backoffLimit=1))

    def holds(jobs: Any) -> Any:
        return all(condition(j, "Complete") or condition(j, "Failed") for j in jobs)

    await world.until("jobs.batch", holds)
    assert world.get("jobs.batch", "good")["status"]["succeeded"] == 3
    failed = world.get("jobs.batch", "bad")
    assert condition(failed, "Failed")["reason"] == "BackoffLimitExceeded"
    assert failed["status"]["failed"] == 2
