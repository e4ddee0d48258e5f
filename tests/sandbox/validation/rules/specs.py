"""Parts of objects as they are after defaulting."""

from __future__ import annotations

from typing import Any

CONTAINER: dict[str, Any] = {
    "name": "c",
    "image": "i",
    "imagePullPolicy": "Always",
    "terminationMessagePolicy": "File",
    "terminationMessagePath": "/dev/termination-log",
}
POD_SPEC: dict[str, Any] = {
    "containers": [CONTAINER],
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "terminationGracePeriodSeconds": 30,
    "schedulerName": "default-scheduler",
    "securityContext": {},
}
TEMPLATE: dict[str, Any] = {"metadata": {"labels": {"app": "a"}}, "spec": POD_SPEC}
SELECTOR: dict[str, Any] = {"matchLabels": {"app": "a"}}
