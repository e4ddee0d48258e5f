"""Smaller, self-contained, safe to show."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kmagic.config.kubeconfig import Kubeconfig, Stanza
from kmagic.config.transform import flatten, minify, redact
from kmagic.errors import ConfigError


def config(**changes: object) -> Kubeconfig:
    found = Kubeconfig(
        clusters={"a": Stanza("a", {"server": "https://a"}), "b": Stanza("b", {"server": "https://b"})},
        users={"u": Stanza("u", {"token": "hunter2"}), "v": Stanza("v", {})},
        contexts={
            "x": Stanza("x", {"cluster": "a", "user": "u"}),
            "y": Stanza("y", {"cluster": "none"}),
            "z": Stanza("z", {"user": "none"}),
        },
        current_context="x",
    )
    return msgspec.structs.replace(found, **changes)


def test_KC_24_minify_keeps_the_current_context() -> None:
    small = minify(config())
    assert (list(small.clusters), list(small.users), list(small.contexts)) == (["a"], ["u"], ["x"])


@pytest.mark.parametrize(
    ("current", "message"),
    [
        pytest.param("", "current-context must exist in order to minify", id="KC-24 none"),
        pytest.param("w", "cannot locate context w", id="KC-24 context"),
        pytest.param("y", "cannot locate cluster none", id="KC-24 cluster"),
        pytest.param("z", "cannot locate user none", id="KC-24 user"),
    ],
)
def test_minify_needs_what_it_keeps(current: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        minify(config(current_context=current))


def test_KC_24_flatten_takes_files_in(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    path = str(tmp_path / "f")
    flat = flatten(
        config(
            clusters={"a": Stanza("a", {"certificate-authority": path})},
            users={"u": Stanza("u", {"client-certificate": path, "client-key": path, "client-key-data": "eQ=="})},
        )
    )
    assert flat.clusters["a"].fields == {"certificate-authority-data": "eA=="}
    assert flat.users["u"].fields == {"client-certificate-data": "eA==", "client-key-data": "eQ=="}


def test_KC_24_flatten_fails_on_what_it_cannot_read(tmp_path: Path) -> None:
    missing = config(users={"u": Stanza("u", {"client-key": str(tmp_path / "none")})})
    with pytest.raises(ConfigError, match="unable to read client-key"):
        flatten(missing)


def test_KC_24_redact_hides_every_credential() -> None:
    user = {
        "token": "hunter2",
        "password": "hunter2",
        "username": "me",
        "client-key-data": "hunter2",
        "auth-provider": {
            "name": "oidc",
            "config": {"client-secret": "hunter2", "id-token": "hunter2", "client-id": "i"},
        },
        "exec": {"command": "aws", "env": [{"name": "TOKEN", "value": "hunter2"}]},
    }
    shown = redact(config(users={"u": Stanza("u", user)})).users["u"].fields
    assert "hunter2" not in str(shown)
    assert (shown["token"], shown["client-key-data"], shown["username"]) == ("REDACTED", "DATA+OMITTED", "me")
    assert shown["auth-provider"]["config"]["client-id"] == "i"
