"""The objects that ``kubectl debug`` makes: an ephemeral container, a copy of a Pod, a Pod on a node. Pure.

Source: k8s.io/kubectl/pkg/cmd/debug (debug.go, profiles.go).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.errors import UsageError

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("PROFILES", "Debugging", "copy_of", "ephemeral", "pod_on", "warning_of")

PROFILES = ("general", "baseline", "restricted", "netadmin", "sysadmin", "legacy")


@dataclass(frozen=True)
class Debugging:
    """The request of a debugging container.

    Attributes:
        container: Its name; "" for a new one.
        words: Its command, or its arguments.
        keeps: The parts of a copied Pod that stay: ``labels``, ``annotations``, ``liveness``, ``readiness``,
            ``startup``, ``init-containers``.
        shares: Whether containers of a copy share processes; None for what the profile says.
        suffix: Makes five random letters.
    """

    image: str = ""
    container: str = ""
    words: tuple[str, ...] = ()
    as_arguments: bool = False
    env: tuple[tuple[str, str], ...] = ()
    pull_policy: str = ""
    profile: str = "general"
    target: str = ""
    copy_to: str = ""
    same_node: bool = False
    images: Mapping[str, str] = field(default_factory=dict)
    keeps: frozenset[str] = frozenset()
    shares: bool | None = None
    suffix: Callable[[], str] = str

    def new_container(self, name: str) -> JSONObject:
        """The container, without what a profile adds."""
        made: JSONObject = {"name": name, "image": self.image, "terminationMessagePolicy": "File"}
        if self.env:
            made["env"] = [{"name": key, "value": value} for key, value in self.env]
        if self.pull_policy:
            made["imagePullPolicy"] = self.pull_policy
        if self.words:
            made["args" if self.as_arguments else "command"] = list(self.words)
        return made


def ephemeral(pod: JSONObject, asked: Debugging) -> JSONObject:
    """The ephemeral container to add to a Pod.

    Raises:
        UsageError: There is one of that name.
    """
    if any(each.get("name") == asked.container for each in pod["spec"].get("ephemeralContainers") or ()):
        raise UsageError(
            f'existing ephemeral containers "{asked.container}" may not be changed',
            hint="another -c, or none, adds one",
        )
    made = asked.new_container(_name(pod, asked))
    if asked.target:
        made["targetContainerName"] = asked.target
    _secure(made, asked.profile, ephemeral_or_copy=True)
    return made


def pod_on(node: str, asked: Debugging) -> JSONObject:
    """The Pod that looks at a node, whose disk is mounted at /host where the profile allows it."""
    made = asked.new_container(asked.container or "debugger")
    spec: JSONObject = {
        "containers": [made],
        "nodeName": node,
        "restartPolicy": "Never",
        "tolerations": [{"operator": "Exists"}],
    }
    if asked.profile in ("general", "sysadmin", "legacy"):
        spec["volumes"] = [{"name": "host-root", "hostPath": {"path": "/"}}]
        made["volumeMounts"] = [{"mountPath": "/host", "name": "host-root"}]
    if asked.profile in ("general", "sysadmin", "legacy", "netadmin"):
        spec |= {"hostNetwork": True, "hostPID": True, "hostIPC": True}
    _secure(made, asked.profile, ephemeral_or_copy=False)
    head = {
        "name": f"node-debugger-{node}-{asked.suffix()}",
        "labels": {"app.kubernetes.io/managed-by": "kubectl-debug"},
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": head, "spec": spec}


def copy_of(pod: JSONObject, asked: Debugging) -> tuple[JSONObject, str]:
    """A copy of a Pod with a debugging container, and that container's name; "" where only images are others.

    Raises:
        UsageError: A new container has no image.
    """
    spec: JSONObject = copy.deepcopy({key: value for key, value in pod["spec"].items() if key != "ephemeralContainers"})
    head: JSONObject = {"name": asked.copy_to, "namespace": meta.namespace(pod)}
    head |= {key: dict(pod["metadata"][key]) for key in ("labels", "annotations") if pod["metadata"].get(key)}
    made: JSONObject = {"apiVersion": "v1", "kind": "Pod", "metadata": head, "spec": spec}
    if asked.shares is not None:
        spec["shareProcessNamespace"] = asked.shares
    if not asked.same_node:
        spec.pop("nodeName", None)
    for each in spec["containers"]:
        each["image"] = asked.images.get(each["name"]) or asked.images.get("*") or each.get("image", "")
    found = next((each for each in _containers(spec) if each["name"] == asked.container), None)
    if found is None:
        if not asked.image:
            if asked.images:
                return made, ""
            raise UsageError("you must specify image when creating new container")
        found = {"name": asked.container or _name(made, asked), "terminationMessagePolicy": "File"}
        spec["containers"].append(found)
    if asked.words and not asked.as_arguments:
        found.pop("args", None)
    given = asked.new_container(found["name"])
    found |= {key: value for key, value in given.items() if value and key != "terminationMessagePolicy"}
    found.pop("stdin", None)
    found.pop("tty", None)
    _reduce(made, asked)
    _secure(found, asked.profile, ephemeral_or_copy=True)
    return made, str(found["name"])


def warning_of(pod: JSONObject, container: JSONObject) -> str:
    """The warning that a user other than root cannot do what the profile grants; "" for none."""
    own = container.get("securityContext") or {}
    user = (pod["spec"].get("securityContext") or {}).get("runAsUser")
    granted = own.get("privileged") or (own.get("capabilities") or {}).get("add")
    if not user or own.get("runAsUser") == 0 or not granted:
        return ""
    return (
        "Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not "
        'work. Please consider using "--custom" with a custom profile that specifies "securityContext.runAsUser: 0".'
    )


def _containers(spec: JSONObject) -> Iterator[JSONObject]:
    for part in ("containers", "initContainers", "ephemeralContainers"):
        yield from spec.get(part) or ()


def _name(pod: JSONObject, asked: Debugging) -> str:
    if asked.container:
        return asked.container
    taken = {each.get("name") for each in _containers(pod["spec"])}
    name = f"debugger-{asked.suffix()}"
    while name in taken:
        name = f"debugger-{asked.suffix()}"
    return name


def _reduce(pod: JSONObject, asked: Debugging) -> None:
    """Takes off a copy what would make it look like the original to others."""
    keeps, spec = asked.keeps, pod["spec"]
    if "labels" not in keeps or asked.profile == "legacy":
        pod["metadata"].pop("labels", None)
    if asked.profile == "legacy":
        return
    if "annotations" not in keeps:
        pod["metadata"].pop("annotations", None)
    for each in spec["containers"]:
        for name in ("liveness", "readiness", "startup"):
            if name not in keeps:
                each.pop(f"{name}Probe", None)
    if "init-containers" not in keeps:
        spec.pop("initContainers", None)
    spec.setdefault("shareProcessNamespace", True)


def _secure(container: JSONObject, profile: str, *, ephemeral_or_copy: bool) -> None:
    """Gives a container the rights of a profile."""
    if profile in ("baseline", "restricted") or (profile == "general" and not ephemeral_or_copy):
        container.pop("securityContext", None)
    match profile:
        case "general" if ephemeral_or_copy:
            _add_capabilities(container, ("SYS_PTRACE",))
        case "netadmin":
            _add_capabilities(container, ("NET_ADMIN", "NET_RAW"))
        case "sysadmin":
            container["securityContext"] = {**(container.get("securityContext") or {}), "privileged": True}
        case "restricted":
            container["securityContext"] = {
                "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]},
                "allowPrivilegeEscalation": False,
                "seccompProfile": {"type": "RuntimeDefault"},
            }


def _add_capabilities(container: JSONObject, names: Sequence[str]) -> None:
    own: dict[str, Any] = container.get("securityContext") or {}
    known = own.get("capabilities") or {}
    container["securityContext"] = {**own, "capabilities": {**known, "add": [*(known.get("add") or ()), *names]}}
