"""Changes to kubeconfig files, written back to the file each stanza came from.

Every file that could be written is locked by a ``<file>.lock`` made exclusively; a lock that exists is an error at
once, as for kubectl. A file is replaced as a whole and readable by its owner only.

Source: k8s.io/client-go/tools/clientcmd/config.go (ModifyConfig), loader.go (WriteToFile, lockFile)
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from kmagic.api.codec import dump_yaml
from kmagic.api.secrecy import SecretText, hidden, hide_fields, revealed
from kmagic.api.yaml_reader import YAMLError, decode_text, first_document
from kmagic.config import fields, kubeconfig
from kmagic.config.kubeconfig import Kubeconfig, Stanza
from kmagic.errors import ConfigError

__all__ = ("locked", "modify", "relative_path", "save_provider_settings", "to_dict", "write_file")

_SECTIONS = (("clusters", "cluster"), ("users", "user"), ("contexts", "context"))


def to_dict(config: Kubeconfig) -> dict[str, Any]:
    """The kubeconfig as it stands in a file; nothing in it is hidden."""
    content: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "preferences": {}}
    for section, inner in _SECTIONS:
        stanzas: Mapping[str, Stanza] = getattr(config, section)
        content[section] = [{"name": name, inner: dict(stanza.fields)} for name, stanza in sorted(stanzas.items())]
    content["current-context"] = config.current_context
    return {key: revealed(value) for key, value in content.items()}


def write_file(config: Kubeconfig, path: str | os.PathLike[str]) -> None:
    """Writes a file that only its owner can read; its folder is made where it is missing."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    _replace(target, hidden(dump_yaml(to_dict(config))))


def _replace(target: Path, text: SecretText) -> None:
    scratch = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text.reveal())
        # A reader sees the old file or the new one, never a half; a symlink stays one.
        os.replace(scratch, target.resolve())
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def modify(paths: Sequence[Path], changed: Kubeconfig) -> None:
    """Makes the files say what `changed` says.

    A stanza goes back to the file it came from, a new one to the first file, a removed one out of its file;
    current-context into the first file that has one, else the first.

    Args:
        paths: The files in order of precedence; missing ones are fine.
        changed: The merged kubeconfig as it shall be.

    Raises:
        ConfigError: A file is locked or broken.
    """
    with locked(paths):
        files = {str(path): _load(path) for path in paths}
        before = kubeconfig.merge(files.values())
        default = str(paths[0])
        after = {path: _sections(config) for path, config in files.items()}
        for section, _ in _SECTIONS:
            old: Mapping[str, Stanza] = getattr(before, section)
            new: Mapping[str, Stanza] = getattr(changed, section)
            for name in old.keys() - new.keys():
                after[old[name].origin][section].pop(name, None)
            for name, stanza in new.items():
                if name not in old or old[name].fields != stanza.fields:
                    target = stanza.origin if stanza.origin in after else default
                    after[target][section][name] = msgspec.structs.replace(stanza, origin=target)
        holder = next((path for path, config in files.items() if config.current_context), default)
        for path, config in files.items():
            current = changed.current_context if path == holder else config.current_context
            wanted = msgspec.structs.replace(config, current_context=current, **after[path])
            if wanted != config:
                write_file(wanted, path)


def save_provider_settings(path: str | os.PathLike[str], user: str, settings: Mapping[str, str]) -> bool:
    """Writes settings of a user's auth-provider, such as renewed tokens, and leaves all else in the file as it stands.

    Unlike `modify` this keeps relative paths and fields that are not known here: the file stays as it was otherwise.

    Args:
        path: The kubeconfig file the user stands in.
        user: The user's name in it.
        settings: Values for ``auth-provider.config``; its other settings stay.

    Returns:
        False when the file has no such user, or one without an auth-provider, any more.

    Raises:
        ConfigError: The file is locked or broken.
        OSError: It cannot be read or written.
    """
    target = Path(path)
    with locked([target]):
        try:
            content = hide_fields(first_document(decode_text(target.read_bytes())))
        except YAMLError:
            # The error's own text may quote the line, and the line a credential.
            raise ConfigError(f'error loading config file "{target}": it is not valid YAML') from None
        provider = _provider_of(content, user)
        if provider is None:
            return False
        provider["config"] = {**(provider.get("config") or {}), **settings}
        _replace(target, hidden(dump_yaml(revealed(content))))
    return True


def _provider_of(content: Any, user: str) -> dict[str, Any] | None:
    if not isinstance(content, dict):
        return None
    fields.typed(content, fields.CONFIG, "")
    for entry in content.get("users") or ():
        if entry and entry.get("name") == user:
            found: dict[str, Any] | None = (entry.get("user") or {}).get("auth-provider")
            return found
    return None


@contextmanager
def locked(paths: Iterable[Path]) -> Iterator[None]:
    """Holds the locks of all the files, taken in the order of their names so that two writers cannot wait in a circle.

    Raises:
        ConfigError: Someone else holds one.
    """
    with ExitStack() as locks:
        for path in sorted(str(path) for path in paths):
            locks.enter_context(_lock(path))
        yield


def relative_path(path: str, folder: str) -> str:
    """`path` as seen from `folder`, or itself where that would need ``..``.

    Raises:
        ConfigError: It is relative and would need ``..``.
    """
    relative = os.path.relpath(path, folder)
    if not relative.startswith(".." + os.sep) and relative != "..":
        return relative
    if os.path.isabs(path):
        return path
    raise ConfigError(f"{path} requires backsteps and is not absolute")


@contextmanager
def _lock(path: str) -> Iterator[None]:
    lock = f"{path}.lock"
    Path(lock).parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise ConfigError(
            f"unable to lock {path}: {lock} exists",
            hint="another program is writing it; remove the lock file if none is",
        ) from error
    try:
        yield
    finally:
        os.unlink(lock)


def _load(path: Path) -> Kubeconfig:
    try:
        return kubeconfig.load_file(path)
    except FileNotFoundError:
        return Kubeconfig(sources=(str(path),))


def _sections(config: Kubeconfig) -> dict[str, dict[str, Stanza]]:
    return {section: dict(getattr(config, section)) for section, _ in _SECTIONS}
