"""The table columns of the built-in resources, as the real server sends them.

Source: pkg/printers/internalversion/printers.go, kubernetes v1.37.2. Descriptions of columns that show a field
are that field's description in the OpenAPI snapshot; a column that computes something has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kmagic.api.table import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("COLUMNS", "DEFAULT_COLUMNS", "columns_of")


# One word a column: "+" marks a wide column, "#" an integer, "?" a boolean, "~" a name.
WORKLOAD = "~Name|#Desired|#Current|#Ready|Age|+Containers|+Images|+Selector"
BINDING = "~Name|Role|Age|+Users|+Groups|+ServiceAccounts"
WEBHOOKS = "~Name|#Webhooks|Age"
DEFAULT_COLUMNS = "~Name|@Created At"

COLUMNS: Mapping[str, str] = {
    "pods": "~Name|Ready|Status|Restarts|Age|+IP|+Node|+Nominated Node|+Readiness Gates",
    "podtemplates": "~Name|Containers|Images|Pod Labels",
    "poddisruptionbudgets.policy": "~Name|Min Available|Max Unavailable|#Allowed Disruptions|Age",
    "replicationcontrollers": WORKLOAD,
    "replicasets.apps": WORKLOAD,
    "daemonsets.apps": "~Name|#Desired|#Current|#Ready|#Up-to-date|#Available|Node Selector|Age|+Containers|+Images|+Selector",
    "jobs.batch": "~Name|Status|Completions|Duration|Age|+Containers|+Images|+Selector",
    "cronjobs.batch": "~Name|Schedule|Timezone|?Suspend|#Active|Last Schedule|Age|+Containers|+Images|+Selector",
    "services": "~Name|Type|Cluster-IP|External-IP|Port(s)|Age|+Selector",
    "ingresses.networking.k8s.io": "~Name|Class|Hosts|Address|Ports|Age",
    "ingressclasses.networking.k8s.io": "~Name|Controller|Parameters|Age",
    "networkpolicies.networking.k8s.io": "~Name|Pod-Selector|Age",
    "scales.autoscaling": "~Name|#Desired|#Available|Age",
    "statefulsets.apps": "~Name|Ready|Age|+Containers|+Images",
    "deployments.apps": "~Name|Ready|Up-to-date|Available|Age|+Containers|+Images|+Selector",
    "controllerrevisions.apps": "~Name|Controller|Revision|Age",
    "endpoints": "~Name|Endpoints|Age",
    "endpointslices.discovery.k8s.io": "~Name|AddressType|Ports|Endpoints|Age",
    "nodes": "~Name|Status|Roles|Age|Version|+Internal-IP|+External-IP|+OS-Image|+Kernel-Version|+Container-Runtime",
    "events": "Last Seen|Type|Reason|Object|+Subobject|+Source|Message|+First Seen|+Count|+~Name",
    "namespaces": "~Name|Status|Age",
    "secrets": "~Name|Type|Data|Age",
    "configmaps": "~Name|Data|Age",
    "serviceaccounts": "~Name|Age",
    "persistentvolumes": (
        "~Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|+VolumeMode"
    ),
    "persistentvolumeclaims": (
        "~Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|+VolumeMode"
    ),
    "componentstatuses": "~Name|Status|Message|Error",
    "horizontalpodautoscalers.autoscaling": "~Name|Reference|Targets|MinPods|MaxPods|Replicas|Age",
    "rolebindings.rbac.authorization.k8s.io": BINDING,
    "clusterrolebindings.rbac.authorization.k8s.io": BINDING,
    "certificatesigningrequests.certificates.k8s.io": "~Name|Age|SignerName|Requestor|RequestedDuration|Condition",
    "leases.coordination.k8s.io": "~Name|Holder|Age",
    "storageclasses.storage.k8s.io": "~Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age",
    "volumeattributesclasses.storage.k8s.io": "~Name|DriverName|Age",
    "volumeattachments.storage.k8s.io": "~Name|~Attacher|PV|Node|?Attached|Age",
    "csinodes.storage.k8s.io": "~Name|#Drivers|Age",
    "csidrivers.storage.k8s.io": (
        "~Name|?AttachRequired|?PodInfoOnMount|?StorageCapacity|TokenRequests|?RequiresRepublish|Modes|Age"
    ),
    "csistoragecapacities.storage.k8s.io": "~Name|StorageClassName|Capacity",
    "resourcequotas": "~Name|Request|Limit|Age",
    "priorityclasses.scheduling.k8s.io": "~Name|#Value|?Global-Default|Age|PreemptionPolicy",
    "runtimeclasses.node.k8s.io": "~Name|Handler|Age",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": WEBHOOKS,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": WEBHOOKS,
    "validatingadmissionpolicies.admissionregistration.k8s.io": "~Name|#Validations|ParamKind|Age",
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": "~Name|PolicyName|ParamRef|Age",
    "customresourcedefinitions.apiextensions.k8s.io": "~Name|Scope|Versions|@Created At",
    "apiservices.apiregistration.k8s.io": "~Name|Service|Available|Age",
}

MARKS = {"#": {"type": "integer"}, "?": {"type": "boolean"}, "~": {"format": "name"}, "@": {"type": "date"}}


def columns_of(words: str) -> tuple[Column, ...]:
    """Reads a line of column words: ``columns_of("~Name|#Desired|+Images")``."""
    return tuple(_column(word) for word in words.split("|"))


def _column(word: str) -> Column:
    priority = int(word.startswith("+"))
    word = word.removeprefix("+")
    marks = MARKS.get(word[0], {})
    return msgspec.structs.replace(Column(word.lstrip("#?~@"), priority=priority), **marks)
