"""Results that say where the notebook is: a target with its Python client, and the list of contexts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kmagic.magics.results.values import data_frame
from kmagic.views.html import pre_html
from kmagic.views.text import aligned

if TYPE_CHECKING:
    import pandas

    from kmagic.magics.session.place import Place
    from kmagic.safety.target import Target
    from kmagic.sync.client import Client

__all__ = ("KContexts", "KTarget")

_HEAD = ("CURRENT", "NAME", "CLUSTER", "NAMESPACE", "PROTECTION")


class KTarget:
    """The present place of the notebook.

    Attributes:
        target: Context, cluster, namespace, server and protection level.
    """

    def __init__(self, place: Place, shown: str) -> None:
        self._place = place
        self._shown = shown
        self.target: Target = place.target

    @property
    def client(self) -> Client:
        """A `kmagic.Client` for this target: the same server, user and namespace as the magics have."""
        return self._place.sync_client()

    @property
    def kubeconfig(self) -> str | None:
        """The kubeconfig file it was read from; None for the usual places."""
        return self._place.kubeconfig

    def __repr__(self) -> str:
        return self._shown

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self._shown}


class KContexts:
    """The contexts of the kubeconfig: ``.names``, ``.df``, iteration; ``.client`` is for the current one."""

    def __init__(self, rows: Sequence[tuple[str, str, str, str, str]], place: Place) -> None:
        self._rows = tuple(rows)
        self._place = place
        self.target: Target = place.target

    @property
    def client(self) -> Client:
        """A `kmagic.Client` for the current target."""
        return self._place.sync_client()

    @property
    def names(self) -> list[str]:
        """The contexts' names."""
        return [row[1] for row in self._rows]

    @property
    def df(self) -> pandas.DataFrame:
        """The table as a pandas DataFrame."""
        return data_frame([name.lower() for name in _HEAD], self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        table = aligned([_HEAD, *self._rows]) if self._rows else "No contexts"
        return f"{table}\n\nhere: {self.target.badge}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": pre_html(repr(self))}
