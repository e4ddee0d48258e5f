"""Changes go back to the file a stanza came from."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest
import yaml

from kmagic.config.kubeconfig import Kubeconfig, Stanza, load_file, merge
from kmagic.config.writer import locked, modify, relative_path, save_provider_settings, write_file
from kmagic.errors import ConfigError


def stanza(name: str, server: str, origin: str = "") -> Stanza:
    return Stanza(name, {"server": server}, origin)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    first, second = tmp_path / "first", tmp_path / "second"
    write_file(Kubeconfig(clusters={"a": stanza("a", "https://a")}), first)
    write_file(Kubeconfig(clusters={"b": stanza("b", "https://b")}, current_context="two"), second)
    return [first, second]


def loaded(files: list[Path]) -> Kubeconfig:
    return merge(load_file(path) for path in files)


def test_KC_23_a_written_file_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config"
    write_file(Kubeconfig(users={"u": Stanza("u", {"token": "t"})}, current_context="x"), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o755
    again = load_file(path)
    assert (again.users["u"].fields, again.current_context) == ({"token": "t"}, "x")
    assert [found.name for found in path.parent.iterdir()] == ["config"]


def test_KC_05_KC_22_A33_changes_go_where_stanzas_came_from(files: list[Path]) -> None:
    config = loaded(files)
    changed = msgspec.structs.replace(
        config,
        clusters={
            "b": msgspec.structs.replace(config.clusters["b"], fields={"server": "https://new"}),
            "c": stanza("c", "https://c"),
        },
        current_context="three",
    )
    modify(files, changed)
    first, second = (load_file(path) for path in files)
    assert list(first.clusters) == ["c"], "a was removed from its file, c is new and goes to the first"
    assert second.clusters["b"].fields == {"server": "https://new"}
    assert (first.current_context, second.current_context) == ("", "three"), "the file that has one keeps it"


def test_KC_22_nothing_changed_writes_nothing(files: list[Path]) -> None:
    before = [path.stat().st_mtime_ns for path in files]
    modify(files, loaded(files))
    assert [path.stat().st_mtime_ns for path in files] == before


def test_KC_22_a_new_current_context_goes_to_the_first_file(tmp_path: Path) -> None:
    modify([tmp_path / "a", tmp_path / "b"], Kubeconfig(current_context="x"))
    assert load_file(tmp_path / "a").current_context == "x"
    assert not (tmp_path / "b").exists()


def test_KC_22_A31_a_locked_file_is_an_error_at_once(files: list[Path]) -> None:
    lock = Path(f"{files[1]}.lock")
    lock.touch()
    with pytest.raises(ConfigError, match="unable to lock") as caught:
        modify(files, Kubeconfig())
    assert "remove the lock file" in caught.value.hint
    assert lock.exists()
    assert not Path(f"{files[0]}.lock").exists(), "the lock that was taken is given back"
    assert "a" in load_file(files[0]).clusters


def test_KC_22_locks_are_given_back(files: list[Path]) -> None:
    with locked(files):
        assert all(Path(f"{path}.lock").exists() for path in files)
    assert not any(Path(f"{path}.lock").exists() for path in files)


def test_a_symlink_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    write_file(Kubeconfig(current_context="a"), real)
    link.symlink_to(real)
    write_file(Kubeconfig(current_context="b"), link)
    assert link.is_symlink()
    assert load_file(real).current_context == "b"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/a/b/c", "c", id="KC-23 A31 below"),
        pytest.param("/a/b/d/e", "d/e", id="KC-23 deeper"),
        pytest.param("/x/y", "/x/y", id="KC-23 A31 backsteps stay absolute"),
    ],
)
def test_paths_become_relative_where_they_can(path: str, expected: str) -> None:
    assert relative_path(path, "/a/b") == expected


def test_KC_23_A31_a_relative_path_with_backsteps_is_refused() -> None:
    with pytest.raises(ConfigError, match="requires backsteps and is not absolute"):
        relative_path("../x", ".")


OIDC = """\
# written by hand
users:
- name: me
  user:
    auth-provider:
      name: oidc
      config: {client-id: c, id-token: old}
    client-certificate: certs/me.crt
- name: you
  user: {token: t}
preferences: {colors: true}
extensions:
- {name: x, extension: {a: 1}}
"""


def test_EX_13_only_the_settings_change(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(OIDC)
    assert save_provider_settings(path, "me", {"id-token": "new", "refresh-token": "r"})
    wanted = yaml.safe_load(OIDC)
    wanted["users"][0]["user"]["auth-provider"]["config"] = {"client-id": "c", "id-token": "new", "refresh-token": "r"}
    assert yaml.safe_load(path.read_text()) == wanted
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["config"]


def test_EX_13_a_provider_without_settings_gets_them(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("users: [{name: me, user: {auth-provider: {name: oidc}}}]")
    assert save_provider_settings(path, "me", {"id-token": "new"})
    assert load_file(path).users["me"].fields["auth-provider"]["config"] == {"id-token": "new"}


@pytest.mark.parametrize("user", ["you", "nobody"])
def test_EX_13_a_user_that_has_no_provider_any_more_is_left_alone(tmp_path: Path, user: str) -> None:
    path = tmp_path / "config"
    path.write_text(OIDC)
    assert not save_provider_settings(path, user, {"id-token": "new"})
    assert path.read_text() == OIDC


@pytest.mark.parametrize("text", ["", "[]", "users: null"])
def test_EX_13_a_file_without_users_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    assert not save_provider_settings(path, "me", {"id-token": "new"})
    assert path.read_text() == text


def test_EX_13_a_broken_file_is_an_error_that_shows_no_credential(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("users: [{name: me, user: {token: 's3cret}}]")
    with pytest.raises(ConfigError, match="not valid YAML") as caught:
        save_provider_settings(path, "me", {"id-token": "new"})
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_EX_13_a_file_that_is_gone_stays_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        save_provider_settings(tmp_path / "config", "me", {"id-token": "new"})
    assert list(tmp_path.iterdir()) == []
