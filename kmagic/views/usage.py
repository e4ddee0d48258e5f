"""The CPU and memory that Pods use, ask for and may use: numbers, and the cells that ``kubectl top`` prints of them.

Source: k8s.io/kubectl/pkg/metricsutil/metrics_printer.go, metrics_sorter.go; k8s.io/component-helpers/resource/helpers.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmagic.api.quantity import Quantity
from kmagic.errors import ArgumentError

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("Amount", "amount_of", "container_wish", "cpu_cell", "memory_cell", "percent", "pod_wish", "total")

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Amount:
    """An amount of CPU, memory and swap.

    Attributes:
        cpu: Thousandths of a core; None where it is not known or not limited.
        memory: Bytes.
        swap: Bytes.
    """

    cpu: int | None = None
    memory: int | None = None
    swap: int | None = None

    def __add__(self, other: Amount) -> Amount:
        return Amount(_plus(self.cpu, other.cpu), _plus(self.memory, other.memory), _plus(self.swap, other.swap))


def _plus(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum; what no part names is None."""
    found = Amount()
    for each in amounts:
        found += each
    return found


def amount_of(resources: Mapping[str, Any] | None) -> Amount:
    """Reads ``{"cpu": "250m", "memory": "64Mi"}``; what cannot be read is not known."""
    found = resources if isinstance(resources, Mapping) else {}
    cpu, memory, swap = (_quantity(found.get(name)) for name in ("cpu", "memory", "swap"))
    return Amount(
        None if cpu is None else cpu.millis,
        None if memory is None else int(memory),
        None if swap is None else int(swap),
    )


def _quantity(value: Any) -> Quantity | None:
    try:
        return None if value is None else Quantity(str(value))
    except ArgumentError:
        return None


def container_wish(container: JSONObject, which: str) -> Amount:
    """The requests or limits of one container."""
    return amount_of((container.get("resources") or {}).get(which))


def pod_wish(pod: JSONObject, which: str) -> Amount:
    """The requests or limits of a Pod, as the scheduler counts them.

    Args:
        pod: The whole Pod.
        which: ``requests`` or ``limits``.
    """
    spec = pod.get("spec") or {}
    running = total(container_wish(each, which) for each in spec.get("containers") or ())
    started = Amount()  # sidecars, which stay
    most = Amount()  # of those that run before the others
    for each in spec.get("initContainers") or ():
        wish = container_wish(each, which)
        if each.get("restartPolicy") == "Always":
            started += wish
            wish = started
        else:
            wish = started + wish
        most = Amount(*(_most(one, other) for one, other in zip(_parts(most), _parts(wish), strict=True)))
    running += started
    whole = Amount(*(_most(one, other) for one, other in zip(_parts(running), _parts(most), strict=True)))
    overhead = amount_of(spec.get("overhead"))
    if which == "limits":
        # What has no limit has none with its overhead.
        overhead = Amount(
            *(None if own is None else more for own, more in zip(_parts(whole), _parts(overhead), strict=True))
        )
    return whole + overhead


def _parts(amount: Amount) -> tuple[int | None, int | None, int | None]:
    return amount.cpu, amount.memory, amount.swap


def _most(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


def cpu_cell(millis: int | None) -> str:
    """``250m``."""
    return f"{millis or 0}m"


def memory_cell(size: int | None) -> str:
    """``64Mi``, as kubectl rounds it: down."""
    return f"{(size or 0) // _MIB}Mi"


def percent(used: int | None, of: int | None) -> int | None:
    """Returns the part in whole percent, rounded down; None where there is nothing to compare with."""
    if used is None or of is None:
        return None
    return int(used / of * 100) if of else 0
