"""``%kcp``: files and folders into a container and out of it.

Source: k8s.io/kubectl/pkg/cmd/cp/cp.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kmagic.magics.results.values import KValues

if TYPE_CHECKING:
    from kmagic.client.pods import AsyncPods
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)

_FORM = "filespec must match the canonical format: [[namespace/]pod:]file/path"


@dataclass(frozen=True)
class _Place:
    """One end of a copy.

    Attributes:
        pod: "" for this side.
        namespace: "" for the command's.
    """

    path: str
    pod: str = ""
    namespace: str = ""

    @classmethod
    def read(cls, command: Command, word: str) -> _Place:
        """Reads ``[[NAMESPACE/]POD:]PATH``."""
        before, colon, path = word.partition(":")
        if not colon:
            return cls(word)
        parts = before.split("/")
        if not before or len(parts) > 2:
            raise command.usage_error(_FORM, at=word)
        return cls(path, parts[-1], parts[0] if len(parts) == 2 else "")


def run(command: Command, session: Session) -> object:
    """Copies; a protected target refuses it, for it reaches into the workload.

    Returns:
        `KValues`: the files that were written on this side, or the path that was written in the container.

    Raises:
        NotFoundError: There is no such Pod, or its container lacks the programs.
        StreamError: There is no such file in the container, or it could not be written.
    """
    if len(command.arguments) != 2:
        raise command.usage_error("source and destination are required")
    source, target = (_Place.read(command, word) for word in command.arguments)
    if source.pod and target.pod:
        raise command.usage_error("one of src or dest must be a local file specification")
    if not source.path or not target.path:
        raise command.usage_error("filepath can not be empty")
    if not source.pod and not target.pod:
        raise command.usage_error("one of src or dest must be a remote file specification")
    here = Path((target if source.pod else source).path).expanduser()
    if target.pod and not here.exists():
        raise command.usage_error(f"{source.path} doesn't exist in local filesystem", at=source.path)
    place = session.place_for(command)
    there = target if target.pod else source
    pods = place.client.core_v1.pods(there.namespace or place.target.namespace)
    container = command.text("container") or None
    if target.pod:
        written = [session.run(command, _copy_to(pods, here, here.resolve().name, there, container))]
    else:
        written = list(session.run(command, pods.copy_from(there.pod, there.path, here, container=container)))
    # As kubectl, which says nothing.
    return KValues(written, "")


async def _copy_to(pods: AsyncPods, here: Path, name: str, there: _Place, container: str | None) -> str:
    """Copies into a container; into the folder, where the path is one."""
    path = there.path
    if (await pods.exec(there.pod, ["test", "-d", path], container=container)).code == 0:
        path = f"{path.rstrip('/')}/{name}"
    await pods.copy_to(there.pod, here, path, container=container)
    return path
