"""The kubeconfig that a sandbox writes and takes away."""

import base64
import stat
from pathlib import Path

import yaml

from kmagic.sandbox.host.kubeconfig import written_kubeconfig

SAID = {"server": "https://127.0.0.1:1", "certificate": "PEM", "admin": "a-token", "viewer": "v-token"}


def test_it_is_the_owners_only_has_two_users_and_goes_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "kubeconfig"
    with written_kubeconfig(path, **SAID):
        found = yaml.safe_load(path.read_text())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [user["user"]["token"] for user in found["users"]] == ["a-token", "v-token"]
        assert found["contexts"][0]["name"] == found["current-context"]
        (cluster,) = found["clusters"]
        assert base64.b64decode(cluster["cluster"]["certificate-authority-data"]) == b"PEM"
    assert not path.exists()
    assert list(path.parent.iterdir()) == []


def test_another_sandboxes_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    with written_kubeconfig(path, **SAID):
        path.write_text("another's")
    assert path.read_text() == "another's"
