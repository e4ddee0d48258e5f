"""The kubeconfig of a sandbox: one client, an admin and a read-only user, a context each."""

from __future__ import annotations

import base64
import contextlib
import os
from typing import TYPE_CHECKING, Any

from kmagic.api.codec import dump_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ("ADMIN_CONTEXT", "VIEWER_CONTEXT", "written_kubeconfig")

ADMIN_CONTEXT = "sandbox"
VIEWER_CONTEXT = "sandbox-readonly"


@contextlib.contextmanager
def written_kubeconfig(path: Path, *, server: str, certificate: str, admin: str, viewer: str) -> Iterator[None]:
    """Keeps the file there, readable by its owner only; the admin's context is current.

    On leaving it is removed, unless another sandbox has written its own there since.

    Args:
        path: Path of the file; its folder is made when it does not exist.
        server: URL of the sandbox.
        certificate: The certificate, PEM, of the authority to trust.
        admin: Token of the admin.
        viewer: The read-only user's token.
    """
    authority = base64.b64encode(certificate.encode()).decode()
    users = {"sandbox-admin": admin, "sandbox-viewer": viewer}
    contexts = {ADMIN_CONTEXT: "sandbox-admin", VIEWER_CONTEXT: "sandbox-viewer"}
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "sandbox", "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [{"name": name, "user": {"token": token}} for name, token in users.items()],
        "contexts": [
            {"name": name, "context": {"cluster": "sandbox", "user": user, "namespace": "default"}}
            for name, user in contexts.items()
        ],
        "current-context": ADMIN_CONTEXT,
        "preferences": {},
    }
    text = dump_yaml(config)
    _write(path, text)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if path.read_text() == text:
                path.unlink()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and moved, so that half a file is never read; the mode is set before the secret is in it.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)
