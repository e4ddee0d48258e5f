"""The table cells of the built-in resources: an object and the moment give one row.

Each function takes the object (a dict to be read) and the ages of the moment, and returns the cells of all columns,
the wide ones too. What a cell shows is the real server's rule, edge cases included.

Source: pkg/printers/internalversion/printers.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmagic.api.paths import get_path
from kmagic.api.selectors import SelectorError, label_selector_of
from kmagic.api.types import JSONObject
from kmagic.sandbox.printers import pods

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kmagic.sandbox.printers.ages import Ages

__all__ = (
    "CELLS",
    "format_labels",
    "format_selector",
    "name_and_creation",
)

Cells = list[Any]
NONE, UNSET = "<none>", "<unset>"
ACCESS_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def name_and_creation(obj: JSONObject, ages: Ages) -> Cells:
    """The cells of a resource without columns of its own: the name and when it was made."""
    return [obj["metadata"]["name"], obj["metadata"].get("creationTimestamp")]


def _name_and_age(*middle: Callable[[JSONObject], Any]) -> Callable[[JSONObject, Ages], Cells]:
    def row(obj: JSONObject, ages: Ages) -> Cells:
        return [obj["metadata"]["name"], *(cell(obj) for cell in middle), _age(obj, ages)]

    return row


def _get(*path: str, default: Any = "") -> Callable[[JSONObject], Any]:
    def read(obj: JSONObject) -> Any:
        value = get_path(obj, path)
        return default if value is None else value

    return read


def _count(*paths: tuple[str, ...]) -> Callable[[JSONObject], int]:
    return lambda obj: sum(len(_get(*path, default=())(obj)) for path in paths)


def _age(obj: JSONObject, ages: Ages) -> str:
    return ages.since(obj["metadata"].get("creationTimestamp"))


def format_labels(labels: Mapping[str, str] | None) -> str:
    """Labels in one line, sorted: "app=web,tier=front", "<none>" without any."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or NONE


def format_selector(selector: Mapping[str, Any] | None) -> str:
    """A label selector in one line: "app=web,tier in (a,b),!old", "<none>" when it is empty."""
    try:
        return str(label_selector_of(selector)) or NONE
    except SelectorError:
        return "<error>"


def _containers(template: Mapping[str, Any] | None) -> tuple[str, str]:
    containers = ((template or {}).get("spec") or {}).get("containers") or ()
    return ",".join(c["name"] for c in containers), ",".join(c.get("image", "") for c in containers)


def _workload(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    selector = spec.get("selector")
    labels = format_labels(selector) if obj["kind"] == "ReplicationController" else format_selector(selector)
    counts = (spec.get("replicas") or 0, status.get("replicas", 0), status.get("readyReplicas", 0))
    return [obj["metadata"]["name"], *counts, _age(obj, ages), *_containers(spec.get("template")), labels]


def _deployment(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    selector = format_selector(spec.get("selector"))
    return [
        obj["metadata"]["name"],
        f"{status.get('readyReplicas', 0)}/{spec.get('replicas') or 0}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        _age(obj, ages),
        *_containers(spec.get("template")),
        "" if selector == NONE else selector,
    ]


def _daemon_set(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    names = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    template = spec.get("template") or {}
    return [
        obj["metadata"]["name"],
        *(status.get(name, 0) for name in names),
        format_labels((template.get("spec") or {}).get("nodeSelector")),
        _age(obj, ages),
        *_containers(template),
        format_selector(spec.get("selector")),
    ]


def _stateful_set(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    ready = f"{status.get('readyReplicas', 0)}/{spec.get('replicas') or 0}"
    return [obj["metadata"]["name"], ready, _age(obj, ages), *_containers(spec.get("template"))]


def _has_condition(status: Mapping[str, Any], kind: str) -> bool:
    return any(c["type"] == kind and c["status"] == "True" for c in status.get("conditions") or ())


def _job(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    succeeded, parallelism = status.get("succeeded", 0), spec.get("parallelism") or 0
    if spec.get("completions") is not None:
        completions = f"{succeeded}/{spec['completions']}"
    else:
        completions = f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"
    start, end = status.get("startTime"), status.get("completionTime")
    duration = "" if not start else ages.between(start, end) if end else ages.since(start)
    head = [obj["metadata"]["name"], _job_state(obj, status), completions, duration, _age(obj, ages)]
    return [*head, *_containers(spec.get("template")), format_selector(spec.get("selector"))]


def _job_state(obj: JSONObject, status: Mapping[str, Any]) -> str:
    if _has_condition(status, "Complete"):
        return "Complete"
    if _has_condition(status, "Failed"):
        return "Failed"
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    later = ("Suspended", "FailureTarget", "SuccessCriteriaMet")
    return next((kind for kind in later if _has_condition(status, kind)), "Running")


def _cron_job(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    last, suspend = status.get("lastScheduleTime"), spec.get("suspend")
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    return [
        obj["metadata"]["name"],
        spec.get("schedule", ""),
        spec.get("timeZone") or NONE,
        UNSET if suspend is None else str(suspend),
        len(status.get("active") or ()),
        ages.since(last) if last else NONE,
        _age(obj, ages),
        *_containers(job.get("template")),
        format_selector(job.get("selector")),
    ]


def _balancers(status: Mapping[str, Any]) -> str:
    entries = (status.get("loadBalancer") or {}).get("ingress") or ()
    return ",".join(sorted({entry.get("ip") or entry.get("hostname", "") for entry in entries} - {""}))


def _service(obj: JSONObject, ages: Ages) -> Cells:
    spec = obj.get("spec") or {}
    ports = [
        f"{p['port']}:{p['nodePort']}/{p['protocol']}" if p.get("nodePort") else f"{p['port']}/{p['protocol']}"
        for p in spec.get("ports") or ()
    ]
    return [
        obj["metadata"]["name"],
        spec.get("type", ""),
        (spec.get("clusterIPs") or [NONE])[0],
        _external_ip(obj, spec),
        ",".join(ports) or NONE,
        _age(obj, ages),
        format_labels(spec.get("selector")),
    ]


def _external_ip(obj: JSONObject, spec: Mapping[str, Any]) -> str:
    external = ",".join(spec.get("externalIPs") or ())
    match spec.get("type"):
        case "ClusterIP" | "NodePort":
            return external or NONE
        case "LoadBalancer":
            balancers = _balancers(obj.get("status") or {})
            return ",".join(filter(None, (balancers, external))) or "<pending>"
        case "ExternalName":
            return str(spec.get("externalName", ""))
    return "<unknown>"


def _ingress(obj: JSONObject, ages: Ages) -> Cells:
    spec = obj.get("spec") or {}
    rules = spec.get("rules") or ()
    hosts = [rule["host"] for rule in rules[:3] if rule.get("host")]
    more = f" + {len(rules) - 3} more..." if len(rules) > 3 else ""
    return [
        obj["metadata"]["name"],
        spec.get("ingressClassName") or NONE,
        ",".join(hosts) + more if hosts else "*",
        _balancers(obj.get("status") or {}),
        "80, 443" if spec.get("tls") else "80",
        _age(obj, ages),
    ]


def _ingress_class(obj: JSONObject, ages: Ages) -> Cells:
    spec, metadata = obj.get("spec") or {}, obj["metadata"]
    default = (metadata.get("annotations") or {}).get("ingressclass.kubernetes.io/is-default-class") == "true"
    parameters = spec.get("parameters")
    shown = NONE
    if parameters:
        group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") else ""
        shown = f"{parameters['kind']}{group}/{parameters['name']}"
    name = metadata["name"] + (" (default)" if default else "")
    return [name, spec.get("controller", ""), shown, _age(obj, ages)]


def _limited(words: Iterable[str], *, empty: str) -> str:
    listed = list(words)
    more = f" + {len(listed) - 3} more..." if len(listed) > 3 else ""
    return ",".join(listed[:3]) + more or empty


def _endpoints(obj: JSONObject, ages: Ages) -> Cells:
    words: list[str] = []
    for subset in obj.get("subsets") or ():
        addresses = [address["ip"] for address in subset.get("addresses") or ()]
        ports = subset.get("ports")
        if ports:
            words += [f"{address}:{port['port']}" for port in ports for address in addresses]
        else:
            words += addresses
    return [obj["metadata"]["name"], _limited(words, empty=NONE), _age(obj, ages)]


def _endpoint_slice(obj: JSONObject, ages: Ages) -> Cells:
    ports = (str(port.get("port") or port.get("name") or "*") for port in obj.get("ports") or ())
    addresses = (address for endpoint in obj.get("endpoints") or () for address in endpoint["addresses"])
    shown = (_limited(ports, empty=UNSET), _limited(addresses, empty=UNSET))
    return [obj["metadata"]["name"], obj.get("addressType", ""), *shown, _age(obj, ages)]


def _node(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    info = status.get("nodeInfo") or {}
    ready = [c["status"] for c in status.get("conditions") or () if c["type"] == "Ready"]
    state = ("Ready" if ready[-1] == "True" else "NotReady") if ready else "Unknown"
    kernel = info.get("kernelVersion") or "<unknown>"
    if info.get("architecture"):
        kernel += f" ({info['architecture']})"
    return [
        obj["metadata"]["name"],
        state + (",SchedulingDisabled" if spec.get("unschedulable") else ""),
        _roles(obj["metadata"].get("labels") or {}),
        _age(obj, ages),
        info.get("kubeletVersion", ""),
        _address(status, "InternalIP"),
        _address(status, "ExternalIP"),
        info.get("osImage") or "<unknown>",
        kernel,
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


def _roles(labels: Mapping[str, str]) -> str:
    prefix = "node-role.kubernetes.io/"
    roles = {key.removeprefix(prefix) for key in labels if key.startswith(prefix)}
    roles.add(labels.get("kubernetes.io/role", ""))
    return ",".join(sorted(roles - {""})) or NONE


def _address(status: Mapping[str, Any], kind: str) -> str:
    addresses = status.get("addresses") or ()
    return next((address["address"] for address in addresses if address["type"] == kind), NONE)


def _event(obj: JSONObject, ages: Ages) -> Cells:
    first = ages.since(obj.get("firstTimestamp") or obj.get("eventTime"))
    last, count = obj.get("lastTimestamp"), obj.get("count") or 1
    series = obj.get("series")
    if series:
        last, count = series["lastObservedTime"], series["count"]
    involved, source = obj.get("involvedObject") or {}, obj.get("source") or {}
    kind, name = involved.get("kind", "").lower(), involved.get("name")
    component = source.get("component") or obj.get("reportingComponent", "")
    host = source.get("host") or obj.get("reportingInstance", "")
    return [
        ages.since(last) if last else first,
        obj.get("type", ""),
        obj.get("reason", ""),
        f"{kind}/{name}" if name else kind,
        involved.get("fieldPath", ""),
        f"{component}, {host}" if host else component,
        obj.get("message", "").strip(),
        first,
        str(count),
        obj["metadata"]["name"],
    ]


def _access_modes(modes: Iterable[str] | None) -> str:
    present = set(modes or ())
    return ",".join(short for mode, short in ACCESS_MODES.items() if mode in present)


def _phase(obj: JSONObject) -> str:
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return str((obj.get("status") or {}).get("phase", ""))


def _volume(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    claim = spec.get("claimRef")
    return [
        obj["metadata"]["name"],
        (spec.get("capacity") or {}).get("storage", "0"),
        _access_modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        _phase(obj),
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        spec.get("storageClassName", ""),
        spec.get("volumeAttributesClassName") or UNSET,
        status.get("reason", ""),
        _age(obj, ages),
        spec.get("volumeMode") or UNSET,
    ]


def _claim(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    bound = bool(spec.get("volumeName"))
    return [
        obj["metadata"]["name"],
        _phase(obj),
        spec.get("volumeName", ""),
        (status.get("capacity") or {}).get("storage", "0") if bound else "",
        _access_modes(status.get("accessModes")) if bound else "",
        spec.get("storageClassName") or "",
        spec.get("volumeAttributesClassName") or UNSET,
        _age(obj, ages),
        spec.get("volumeMode") or UNSET,
    ]


def _autoscaler(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    target = spec["scaleTargetRef"]
    minimum = spec.get("minReplicas")
    return [
        obj["metadata"]["name"],
        f"{target['kind']}/{target['name']}",
        _metrics(spec.get("metrics") or (), status.get("currentMetrics") or ()),
        UNSET if minimum is None else str(minimum),
        spec["maxReplicas"],
        status.get("currentReplicas", 0),
        _age(obj, ages),
    ]


def _metrics(specs: Any, statuses: Any) -> str:
    words = []
    for index, spec in enumerate(specs):
        if spec["type"] != "Resource":
            continue
        current = statuses[index].get("resource", {}).get("current", {}) if index < len(statuses) else {}
        target, name = spec["resource"]["target"], spec["resource"]["name"]
        if target.get("averageUtilization") is not None:
            used = current.get("averageUtilization")
            words.append(f"{name}: {'<unknown>' if used is None else f'{used}%'}/{target['averageUtilization']}%")
        else:
            words.append(f"{name}: {current.get('averageValue', '<unknown>')}/{target.get('averageValue')}")
    return ", ".join(words[:2]) + (f" + {len(words) - 2} more..." if len(words) > 2 else "") or NONE


def _binding(obj: JSONObject, ages: Ages) -> Cells:
    role = obj["roleRef"]
    named: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for subject in obj.get("subjects") or ():
        where = f"{subject.get('namespace', '')}/" if subject["kind"] == "ServiceAccount" else ""
        named.setdefault(subject["kind"], []).append(where + subject["name"])
    subjects = (", ".join(named[kind]) for kind in ("User", "Group", "ServiceAccount"))
    return [obj["metadata"]["name"], f"{role['kind']}/{role['name']}", _age(obj, ages), *subjects]


def _quota(obj: JSONObject, ages: Ages) -> Cells:
    status = obj.get("status") or {}
    used, hard = status.get("used") or {}, status.get("hard") or {}
    words = [(name, f"{name}: {used.get(name, '0')}/{hard[name]}") for name in sorted(hard)]
    requests = ", ".join(word for name, word in words if not name.startswith("limits."))
    limits = ", ".join(word for name, word in words if name.startswith("limits."))
    return [obj["metadata"]["name"], requests, limits, _age(obj, ages)]


def _storage_class(obj: JSONObject, ages: Ages) -> Cells:
    annotations = obj["metadata"].get("annotations") or {}
    default = annotations.get("storageclass.kubernetes.io/is-default-class") == "true"
    return [
        obj["metadata"]["name"] + (" (default)" if default else ""),
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or UNSET,
        str(bool(obj.get("allowVolumeExpansion"))).lower(),
        _age(obj, ages),
    ]


def _revision(obj: JSONObject, ages: Ages) -> Cells:
    owners = obj["metadata"].get("ownerReferences") or ()
    owner = next((owner for owner in owners if owner.get("controller")), None)
    shown = NONE
    if owner:
        group = owner["apiVersion"].rpartition("/")[0]
        shown = f"{owner['kind'].lower()}{'.' + group if group else ''}/{owner['name']}"
    return [obj["metadata"]["name"], shown, str(obj.get("revision", 0)), _age(obj, ages)]


def _priority_class(obj: JSONObject, ages: Ages) -> Cells:
    default = bool(obj.get("globalDefault"))
    return [obj["metadata"]["name"], obj.get("value", 0), default, _age(obj, ages), obj.get("preemptionPolicy", "")]


def _budget(obj: JSONObject, ages: Ages) -> Cells:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    limits = (str(spec.get(name, "N/A")) for name in ("minAvailable", "maxUnavailable"))
    return [obj["metadata"]["name"], *limits, status.get("disruptionsAllowed", 0), _age(obj, ages)]


def _api_service(obj: JSONObject, ages: Ages) -> Cells:
    service = (obj.get("spec") or {}).get("service")
    where = f"{service['namespace']}/{service['name']}" if service else "Local"
    return [obj["metadata"]["name"], where, "True", _age(obj, ages)]


def _definition(obj: JSONObject, ages: Ages) -> Cells:
    spec = obj["spec"]
    served = ",".join(version["name"] for version in spec["versions"] if version.get("served"))
    return [obj["metadata"]["name"], spec["scope"], served, obj["metadata"].get("creationTimestamp")]


CELLS: Mapping[str, Callable[[JSONObject, Ages], Cells]] = {
    "pods": pods.pod_row,
    "replicationcontrollers": _workload,
    "replicasets.apps": _workload,
    "deployments.apps": _deployment,
    "daemonsets.apps": _daemon_set,
    "statefulsets.apps": _stateful_set,
    "scales.autoscaling": _name_and_age(_get("spec", "replicas", default=0), _get("status", "replicas", default=0)),
    "controllerrevisions.apps": _revision,
    "jobs.batch": _job,
    "cronjobs.batch": _cron_job,
    "services": _service,
    "ingresses.networking.k8s.io": _ingress,
    "ingressclasses.networking.k8s.io": _ingress_class,
    "networkpolicies.networking.k8s.io": _name_and_age(lambda obj: format_selector(obj["spec"].get("podSelector"))),
    "endpoints": _endpoints,
    "endpointslices.discovery.k8s.io": _endpoint_slice,
    "nodes": _node,
    "events": _event,
    "namespaces": _name_and_age(_get("status", "phase")),
    "secrets": _name_and_age(_get("type"), _count(("data",))),
    "configmaps": _name_and_age(_count(("data",), ("binaryData",))),
    "serviceaccounts": _name_and_age(),
    "persistentvolumes": _volume,
    "persistentvolumeclaims": _claim,
    "poddisruptionbudgets.policy": _budget,
    "horizontalpodautoscalers.autoscaling": _autoscaler,
    "rolebindings.rbac.authorization.k8s.io": _binding,
    "clusterrolebindings.rbac.authorization.k8s.io": _binding,
    "leases.coordination.k8s.io": _name_and_age(_get("spec", "holderIdentity")),
    "storageclasses.storage.k8s.io": _storage_class,
    "volumeattributesclasses.storage.k8s.io": _name_and_age(_get("driverName")),
    "csinodes.storage.k8s.io": _name_and_age(_count(("spec", "drivers"))),
    "resourcequotas": _quota,
    "priorityclasses.scheduling.k8s.io": _priority_class,
    "runtimeclasses.node.k8s.io": _name_and_age(_get("handler")),
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": _name_and_age(_count(("webhooks",))),
    "validatingwebhookconfigurations.admissionregistration.k8s.io": _name_and_age(_count(("webhooks",))),
    "customresourcedefinitions.apiextensions.k8s.io": _definition,
    "apiservices.apiregistration.k8s.io": _api_service,
}
