"""Files in and out of a container: as tar archives, or a single file through cat where there is no tar.

What runs a command in the container is given as an argument; nothing here talks to a server.

An archive from a container is not trusted: absolute paths, ``..`` and links that lead out of the target folder
are refused, and no owner, device or setuid bit is taken over.

Source: k8s.io/kubectl/pkg/cmd/cp.
"""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kmagic.client.exec import ExecResult
from kmagic.errors import NotFoundError, StreamError

if TYPE_CHECKING:
    import os

__all__ = ("Run", "copy_from", "copy_to", "pack", "pack_command", "unpack", "unpack_command")

# Runs a command in the container, with this input.
Run = Callable[[list[str], bytes | None], Awaitable[ExecResult]]


async def copy_from(run: Run, path: str, to: str | os.PathLike[str]) -> tuple[str, ...]:
    """Copies a file or folder out of a container.

    Returns:
        The files written.

    Raises:
        NotFoundError: The container has neither tar nor cat, or it is a folder and there is no tar.
        StreamError: There is no such file, or the container sent something else.
    """
    packed = await _run(run, pack_command(path), None)
    if packed is not None:
        return unpack(packed.check().stdout_bytes, path, to)
    found = await _run(run, ["cat", "--", path], None)
    if found is None:
        raise _no_tool("neither tar nor cat")
    if "is a directory" in found.stderr.lower():
        raise _no_tool(f"no tar, which copying a folder needs: {path}")
    return (_write(found.check().stdout_bytes, path, Path(to)),)


async def copy_to(run: Run, source: str | os.PathLike[str], path: str) -> None:
    """Copies a local file or folder into a container, to this path.

    Raises:
        NotFoundError: The container has neither tar nor a shell, or it is a folder and there is no tar.
        StreamError: The container could not write it.
        OSError: The local file cannot be read.
    """
    result = await _run(run, unpack_command(path), pack(source, path))
    if result is None:
        # The path is an argument, so nothing in it is the shell's.
        result = await _run(run, ["sh", "-c", 'cat > "$1"', "sh", path], _read(Path(source)))
    if result is None:
        raise _no_tool("neither tar nor a shell")
    result.check()


async def _run(run: Run, command: list[str], stdin: bytes | None) -> ExecResult | None:
    """What came of it; None when the container has no such program."""
    try:
        result = await run(command, stdin)
    except StreamError as error:
        if "executable file not found" in error.message or "no such file or directory" in error.message:
            return None
        raise
    return None if result.code in (126, 127) or "executable file not found" in result.stderr else result


def _read(source: Path) -> bytes:
    if source.is_dir():
        raise _no_tool("no tar, which copying a folder needs")
    return source.read_bytes()


def _write(content: bytes, path: str, to: Path) -> str:
    target = to / _base(path) if to.is_dir() else to
    try:
        target.write_bytes(content)
    except OSError as error:
        raise StreamError(f"unable to write {target}: {error.strerror}") from error
    return str(target)


def _no_tool(what: str) -> NotFoundError:
    return NotFoundError(f"the container has {what}", status={"reason": "NotFound", "code": 404})


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
