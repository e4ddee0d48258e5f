"""Deployments, Jobs, CronJobs and Pods.

Source: k8s.io/kubectl/pkg/cmd/create (create_deployment.go, create_job.go, create_cronjob.go), pkg/cmd/run/run.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.magics.work.generators.parts import GeneratorError, head, without_empty

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("cron_job", "deployment", "job", "job_of", "pod")


def deployment(
    name: str,
    images: Sequence[str],
    *,
    command: Sequence[str] = (),
    port: int | None = None,
    replicas: int = 1,
    suffix: Callable[[], str],
) -> JSONObject:
    """A Deployment.

    Args:
        name: Its name, and the value of its label ``app``.
        images: A container each, called as its image.
        command: The command of the only container; none for the image's own.
        port: Of the first container.
        replicas: Number of Pods.
        suffix: Gives five random letters, for images whose names cannot be a container's.

    Raises:
        GeneratorError: No image, or a command for several.
    """
    if not images:
        raise GeneratorError('required flag(s) "image" not set')
    if len(images) > 1 and command:
        raise GeneratorError("cannot specify multiple --image options and command")
    containers = [_container(_named_as(image, suffix), image, command) for image in images]
    if port is not None and port >= 0:
        containers[0]["ports"] = [{"containerPort": port}]
    labels = {"app": name}
    return {
        **head("apps/v1", "Deployment", name, labels=labels),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "strategy": {},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
        "status": {},
    }


def _named_as(image: str, suffix: Callable[[], str]) -> str:
    """A container's name for an image: its last word without tag and digest, made a DNS label."""
    name = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    plain = re.sub(r"[_.]", "-", name)
    return name if plain == name else f"{plain}-{suffix()}"


def _container(name: str, image: str, command: Sequence[str]) -> dict[str, Any]:
    return {**without_empty({"command": list(command)}), "image": image, "name": name, "resources": {}}


def job(name: str, image: str, *, command: Sequence[str] = ()) -> JSONObject:
    """A Job of one container."""
    return {**head("batch/v1", "Job", name), "spec": _job_spec(name, image, command, "Never"), "status": {}}


def _job_spec(name: str, image: str, command: Sequence[str], restart: str) -> dict[str, Any]:
    inside = {"containers": [_container(name, image, command)], "restartPolicy": restart}
    return {"template": {"metadata": {}, "spec": inside}}


def job_of(name: str, cron_job: JSONObject) -> JSONObject:
    """A Job as a CronJob makes them, made by hand and owned by it."""
    template = (cron_job.get("spec") or {}).get("jobTemplate") or {}
    metadata = template.get("metadata") or {}
    owner = {
        "apiVersion": "batch/v1",
        "controller": True,
        "kind": "CronJob",
        "name": meta.name(cron_job),
        "uid": meta.uid(cron_job),
    }
    annotations = {"cronjob.kubernetes.io/instantiate": "manual", **(metadata.get("annotations") or {})}
    labels = without_empty({"labels": metadata.get("labels")})
    return {
        **head("batch/v1", "Job", name, annotations=annotations, ownerReferences=[owner], **labels),
        "spec": template.get("spec") or {},
        "status": {},
    }


def cron_job(name: str, image: str, schedule: str, *, restart: str = "", command: Sequence[str] = ()) -> JSONObject:
    """A CronJob of one container.

    Raises:
        GeneratorError: No image or schedule.
    """
    missing = [f'"{flag}"' for flag, value in (("image", image), ("schedule", schedule)) if not value]
    if missing:
        raise GeneratorError(f"required flag(s) {', '.join(missing)} not set")
    spec = _job_spec(name, image, command, restart or "OnFailure")
    return {
        **head("batch/v1", "CronJob", name),
        "spec": {"jobTemplate": {"metadata": {"name": name}, "spec": spec}, "schedule": schedule},
        "status": {},
    }


def pod(
    name: str,
    image: str,
    *,
    command: Sequence[str] = (),
    arguments: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    port: int | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    restart: str = "Always",
    pull_policy: str = "",
    privileged: bool | None = None,
) -> JSONObject:
    """A Pod of one container, as ``kubectl run`` makes it.

    Args:
        name: Of the Pod and its container.
        image: Image of the container.
        command: Instead of the image's entry point.
        arguments: Instead of the image's arguments.
        env: Variables.
        port: That it listens at.
        labels: None for ``run: NAME``.
        annotations: Of the Pod.
        restart: ``Always``, ``OnFailure`` or ``Never``.
        pull_policy: "" for the server's choice.
        privileged: None for nothing said.
    """
    container = without_empty(
        {
            "args": list(arguments),
            "command": list(command),
            "env": [without_empty({"name": key, "value": value}) for key, value in (env or {}).items()],
            "image": image,
            "imagePullPolicy": pull_policy,
            "name": name,
            "ports": [{"containerPort": port}] if port is not None else None,
        }
    )
    container["resources"] = {}
    if privileged is not None:
        container["securityContext"] = {"privileged": privileged}
    more = without_empty({"annotations": dict(annotations or {})})
    return {
        **head("v1", "Pod", name, labels={"run": name} if labels is None else dict(labels), **more),
        "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart},
        "status": {},
    }
