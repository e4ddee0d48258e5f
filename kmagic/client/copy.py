"""Files in and out of a container: as tar archives, or a single file through cat where there is no tar.

What runs a command in the container is given as an argument; nothing here talks to a server.

An archive from a container is not trusted. What names a place outside of the target is refused, and so is what would
get there through a link that is already there. Symlinks and devices are left out, as kubectl does, and named in one
warning of the logger ``kmagic.copy``; owners and setuid bits are not taken over.

Source: k8s.io/kubectl/pkg/cmd/cp.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import posixpath
import tarfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from kmagic.client.exec import ExecResult
from kmagic.errors import ArgumentError, NotFoundError, StreamError

__all__ = ("Run", "copy_from", "copy_to", "pack", "pack_command", "unpack", "unpack_command")

_log = logging.getLogger("kmagic.copy")

# What tarfile raises for bytes that are no archive, beside its own errors.
_BROKEN = (
    tarfile.TarError,
    OSError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    TypeError,
    RecursionError,
)
_NAMED = 5

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
    """Returns the result; None when the container has no such program."""
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
    """Returns the command by which a container sends a file or folder."""
    return ["tar", "cf", "-", "-C", posixpath.dirname(path.rstrip("/")) or ".", "--", _base(path)]


def unpack_command(path: str) -> list[str]:
    """Returns the command by which a container receives what `pack` made for this path."""
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
        The files written; symlinks and devices are left out, with one warning.

    Raises:
        StreamError: The archive is broken, or tries to write elsewhere.
    """
    target, base = Path(to), _base(path)
    receiver = _Receiver(base, target / base if target.is_dir() else target)
    last = -1
    try:
        # No compression: none was requested, and a small archive could hold any amount.
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as found:
            for member in found:
                if member.offset <= last:
                    raise StreamError("the archive leads back to what was read already")
                last = member.offset
                receiver.take(found, member)
    except _BROKEN as error:
        raise StreamError(f"unable to unpack what the container sent: {error}") from error
    receiver.tell()
    return tuple(receiver.files.values())


class _Receiver:
    """Writes an archive's members to one place and nowhere else.

    Args:
        base: The first part of every member's name.
        root: Name of the file or folder on this side.
    """

    def __init__(self, base: str, root: Path) -> None:
        self.files: dict[tuple[str, ...], str] = {}
        self._base = base
        self._root = root
        # A link that the user chose as the target is followed, as by cp.
        self._real = os.path.realpath(root)
        self._left_out: list[str] = []

    def take(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        parts = self._parts(member.name)
        path = self._root.joinpath(*parts)
        self._check(path, member.name)
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True)
        elif member.islnk():
            self._link(member, parts, path)
        elif member.issym() or member.isdev():
            self._leave_out(member)
        else:
            self._clear(parts, path)
            archive.makefile(member, path)
            # Its owner alone may write it, and no special bit is taken over.
            mode = member.mode & (0o755 if member.mode & 0o100 else 0o644) | 0o600
            path.chmod(mode)
            # A strange time is no reason to lose the file.
            with contextlib.suppress(OSError, ValueError, OverflowError):
                os.utime(path, (member.mtime, member.mtime))
            self.files[parts] = str(path)

    def tell(self) -> None:
        """Logs what was left out, in one line."""
        if self._left_out:
            more = f" and {len(self._left_out) - _NAMED} more" if len(self._left_out) > _NAMED else ""
            shown = ", ".join(self._left_out[:_NAMED])
            _log.warning("skipping links and devices: %s%s; to have them, run tar in the container", shown, more)

    def _parts(self, name: str) -> tuple[str, ...]:
        """The name's parts below the base."""
        first, *parts = name.split("/")
        if first != self._base or ".." in parts:
            raise StreamError(f"the archive holds {name!r}, which was not asked for")
        return tuple(part for part in parts if part not in ("", "."))

    def _check(self, path: Path, name: str) -> None:
        real = os.path.realpath(path)
        if real != self._real and os.path.commonpath((real, self._real)) != self._real:
            raise StreamError(f"the archive's {name!r} would be written to {real!r}, outside of {self._real!r}")

    def _clear(self, parts: tuple[str, ...], path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Another name of the same file keeps what it has.
        if parts in self.files:
            path.unlink(missing_ok=True)

    def _link(self, member: tarfile.TarInfo, parts: tuple[str, ...], path: Path) -> None:
        """A second name for a file of the same archive."""
        first, *below = member.linkname.split("/")
        same = self.files.get(tuple(below)) if first == self._base else None
        if same is None or tuple(below) == parts:
            self._leave_out(member)
            return
        self._clear(parts, path)
        path.unlink(missing_ok=True)
        os.link(same, path, follow_symlinks=False)
        self.files[parts] = str(path)

    def _leave_out(self, member: tarfile.TarInfo) -> None:
        self._left_out.append(f"{member.name!r} -> {member.linkname!r}" if member.linkname else repr(member.name))


def _base(path: str) -> str:
    base = posixpath.basename(path.rstrip("/"))
    if base in ("", ".", ".."):
        raise ArgumentError(f"{path!r} names no file or folder")
    return base
