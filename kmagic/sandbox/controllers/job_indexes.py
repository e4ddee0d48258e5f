"""Indexed Jobs: which Pod does which part of the work, and when enough of it is done.

Source: pkg/controller/job/indexed_job_utils.go and success_policy.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("INDEX", "assign", "completed", "index_of", "is_indexed", "matched_rule", "written")

INDEX = "batch.kubernetes.io/job-completion-index"
VARIABLE = "JOB_COMPLETION_INDEX"


def is_indexed(job: JSONObject) -> bool:
    """Returns whether each Pod of a Job does a part of its own."""
    return bool(job["spec"].get("completionMode") == "Indexed")


def index_of(pod: JSONObject) -> int:
    """The index that a Pod of an indexed Job has, -1 for none."""
    text = (pod["metadata"].get("annotations") or {}).get(INDEX, "")
    return int(text) if text.isdigit() else -1


def completed(job: JSONObject, pods: Iterable[JSONObject]) -> list[int]:
    """The indexes that some Pod has done, in order."""
    ended = {index_of(pod) for pod in pods if (pod.get("status") or {}).get("phase") == "Succeeded"}
    return sorted(index for index in ended if 0 <= index < (job["spec"].get("completions") or 0))


def assign(job: JSONObject, body: JSONObject, pods: Iterable[JSONObject]) -> str | None:
    """Gives a new Pod the first index that no other Pod has; returns it, None when all are taken."""
    taken = {index_of(pod) for pod in pods if (pod.get("status") or {}).get("phase") != "Failed"}
    free = next((index for index in range(job["spec"].get("completions") or 0) if index not in taken), None)
    if free is None:
        return None
    index, metadata, spec = str(free), body["metadata"], body["spec"]
    for field in ("annotations", "labels"):
        metadata[field] = {**(metadata.get(field) or {}), INDEX: index}
    spec = {**spec, "hostname": f"{job['metadata']['name']}-{index}"}
    for field in ("initContainers", "containers"):
        if spec.get(field):
            spec[field] = [_told(container) for container in spec[field]]
    body["spec"] = spec
    return index


def _told(container: JSONObject) -> JSONObject:
    """A container that reads its index from the Pod's labels."""
    known = [variable for variable in container.get("env") or () if variable["name"] != VARIABLE]
    reference = {"apiVersion": "v1", "fieldPath": f"metadata.labels['{INDEX}']"}
    return {**container, "env": [*known, {"name": VARIABLE, "valueFrom": {"fieldRef": reference}}]}


def written(indexes: list[int]) -> str:
    """Indexes as a status writes them: ``0-2,4``."""
    starts = [index for index in indexes if index - 1 not in indexes]
    ends = [index for index in indexes if index + 1 not in indexes]
    runs = zip(starts, ends, strict=True)
    return ",".join(
        str(start) if start == end else f"{start}{',' if end == start + 1 else '-'}{end}" for start, end in runs
    )


def matched_rule(job: JSONObject, done: list[int]) -> int | None:
    """The position of the first rule of a Job's success policy that holds, or None."""
    rules = (job["spec"].get("successPolicy") or {}).get("rules") or ()
    for position, rule in enumerate(rules):
        named, count = rule.get("succeededIndexes"), rule.get("succeededCount")
        wanted = _read(named) if named is not None else None
        found = len(done if wanted is None else wanted.intersection(done))
        needed = count if count is not None else len(wanted or ())
        if found >= needed and (wanted or count is not None):
            return position
    return None


def _read(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found
