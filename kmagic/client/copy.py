"""Files in and out of a container as tar archives; nothing here talks to a server.

An archive from a container is not trusted: absolute paths, ``..`` and links that lead out of the target folder
are refused, and no owner, device or setuid bit is taken over.

Source: k8s.io/kubectl/pkg/cmd/cp.
"""

from __future__ import annotations

import io
import posixpath
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from kmagic.errors import StreamError

if TYPE_CHECKING:
    import os

__all__ = ("pack", "pack_command", "unpack", "unpack_command")


def pack_command(path: str) -> list[str]:
    """What a container runs to send a file or folder."""
    return ["tar", "cf", "-", "-C", posixpath.dirname(path.rstrip("/")) or ".", "--", _base(path)]


def unpack_command(path: str) -> list[str]:
    """What a container runs to receive what `pack` made for this path."""
    return ["tar", "xmf", "-", "-C", posixpath.dirname(path.rstrip("/")) or "."]


def pack(source: str | os.PathLike[str], path: str) -> bytes:
    """A local file or folder as an archive with the last part of `path` as its name."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(source, arcname=_base(path))
    return buffer.getvalue()


def unpack(archive: bytes, path: str, to: str | os.PathLike[str]) -> tuple[str, ...]:
    """Writes an archive made by `pack_command(path)` to `to`: into it if it is a folder, else under this name.

    Returns:
        The files written.

    Raises:
        StreamError: The archive is broken, or tries to write elsewhere.
    """
    target = Path(to)
    base = _base(path)
    folder, name = (target, base) if target.is_dir() else (target.parent, target.name)
    written: list[str] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as found:
            for member in found:
                first, slash, rest = member.name.partition("/")
                if first != base:
                    raise StreamError(f"the archive holds {member.name!r}, which was not asked for")
                member = member.replace(name=name + slash + rest)
                found.extract(member, folder, filter="data")
                if member.isfile():
                    written.append(str(folder / member.name))
    except (tarfile.TarError, OSError) as error:
        raise StreamError(f"unable to unpack what the container sent: {error}") from error
    return tuple(written)


def _base(path: str) -> str:
    base = posixpath.basename(path.rstrip("/"))
    if base in ("", ".", ".."):
        raise ValueError(f"{path!r} names no file or folder")
    return base
