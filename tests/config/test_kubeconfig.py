"""kubeconfig files: parsing, paths, merging."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kmagic.config.kubeconfig import Kubeconfig, Stanza, load_file, merge, parse
from kmagic.errors import ConfigError


def config_text(**stanzas: object) -> str:
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **stanzas})


CLUSTER = {"name": "c", "cluster": {"server": "https://c"}}


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(
        config_text(
            clusters=[CLUSTER],
            users=[{"name": "u", "user": {"token": "t"}}],
            contexts=[{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            **{"current-context": "x", "preferences": {}, "somethingNew": 1},
        )
    )
    config = load_file(path)
    assert config.clusters["c"].fields["server"] == "https://c"
    assert config.contexts["x"].fields == {"cluster": "c", "user": "u"}
    assert (config.current_context, config.sources) == ("x", (str(path),))
    assert config.clusters["c"].origin == str(path), "KC-05: a stanza knows where it came from"


def test_A31_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f'error loading config file "{tmp_path}": '):
        load_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        load_file(tmp_path / "missing")
    (tmp_path / "latin").write_bytes(b"a: \xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_file(tmp_path / "latin")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("a: [b", "not valid YAML at line 2, column 1", id="KC-01 broken YAML"),
        pytest.param("- a", "no mapping at the top", id="KC-01 a list"),
        pytest.param("kind: Pod", "it is a Pod, not a Config", id="KC-01 another kind"),
        pytest.param(
            "clusters: {a: b}", "cannot unmarshal object into field clusters of type list", id="KC-01 clusters as a map"
        ),
        pytest.param(
            "users: [{name: a, user: x}]",
            "cannot unmarshal string into field users.user of type mapping",
            id="KC-01 text for a user",
        ),
        pytest.param(
            "clusters: [{name: a}, {name: a}]", 'duplicate name "a" in clusters', id="KC-03 A31 cluster twice"
        ),
        pytest.param("users: [{name: a}, {name: a}]", 'duplicate name "a" in users', id="KC-03 A31 user twice"),
        pytest.param(
            "contexts: [{name: a}, {name: a}]", 'duplicate name "a" in contexts', id="KC-03 A31 context twice"
        ),
    ],
)
def test_a_broken_file_says_why(text: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, origin="/f")
    assert 'error loading config file "/f": ' in str(caught.value)
    assert reason in str(caught.value)


def test_a_broken_file_never_shows_its_content() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("users:\n- name: a\n  user: {token: hunter2\n")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "# nothing", "{}", "apiVersion: v1\nkind: Config\nclusters: null\n"])
def test_KC_27_an_empty_file_is_an_empty_config(text: str) -> None:
    assert parse(text).empty


@pytest.mark.parametrize(
    ("section", "inner", "key", "value", "expected"),
    [
        pytest.param("clusters", "cluster", "certificate-authority", "ca.crt", "/k/ca.crt", id="KC-04 A31 authority"),
        pytest.param("clusters", "cluster", "certificate-authority", "/e/ca.crt", "/e/ca.crt", id="KC-04 absolute"),
        pytest.param("users", "user", "client-certificate", "../c.crt", "/k/../c.crt", id="KC-04 certificate"),
        pytest.param("users", "user", "client-key", "c.key", "/k/c.key", id="KC-04 key"),
        pytest.param("users", "user", "tokenFile", "token", "/k/token", id="KC-04 token file"),
    ],
)
def test_paths_are_seen_from_the_files_folder(section: str, inner: str, key: str, value: str, expected: str) -> None:
    config = parse(config_text(**{section: [{"name": "a", inner: {key: value}}]}), origin="/k/config")
    assert getattr(config, section)["a"].fields[key] == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("aws", "aws", id="KC-04 a name is looked up on PATH"),
        pytest.param("./aws", "/k/aws", id="KC-04 a path is seen from the folder"),
        pytest.param("/bin/aws", "/bin/aws", id="KC-04 an absolute command"),
    ],
)
def test_commands_are_paths_only_with_a_separator(command: str, expected: str) -> None:
    config = parse(config_text(users=[{"name": "a", "user": {"exec": {"command": command}}}]), origin="/k/config")
    assert config.users["a"].fields["exec"]["command"] == expected


def stanza(name: str, origin: str) -> Stanza:
    return Stanza(name, {"from": origin}, origin)


def test_KC_02_the_first_file_wins_for_a_whole_stanza() -> None:
    first = Kubeconfig(clusters={"a": stanza("a", "1")}, sources=("1",))
    second = Kubeconfig(
        clusters={"a": Stanza("a", {"from": "2", "more": "x"}, "2"), "b": stanza("b", "2")},
        current_context="two",
        sources=("2",),
    )
    third = Kubeconfig(current_context="three", sources=("3",))
    merged = merge([first, second, third])
    assert merged.clusters["a"].fields == {"from": "1"}
    assert merged.clusters["b"].origin == "2"
    assert merged.current_context == "two", "A31: the first that is set"
    assert merged.sources == ("1", "2", "3")


names = st.sampled_from("abcd")
configs = st.builds(
    lambda users, current, source: Kubeconfig(
        users={name: stanza(name, source) for name in users}, current_context=current, sources=(source,)
    ),
    st.sets(names),
    st.sampled_from(["", "x", "y"]),
    st.text("123", min_size=1, max_size=3),
)


@given(configs, configs, configs)
def test_merging_is_associative(a: Kubeconfig, b: Kubeconfig, c: Kubeconfig) -> None:
    assert merge([merge([a, b]), c]) == merge([a, merge([b, c])]) == merge([a, b, c])
    assert merge([a, a]).users == a.users


def test_reprs_show_no_credentials() -> None:
    config = parse(config_text(users=[{"name": "u", "user": {"token": "hunter2"}}]))
    assert "hunter2" not in repr(config) + repr(config.users["u"]) + repr(dict(config.users))
