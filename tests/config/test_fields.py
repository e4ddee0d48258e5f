"""The types of a kubeconfig's fields: what kubectl refuses is refused, what it reads is read; kubectl is asked."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kmagic.config import fields, kubeconfig
from kmagic.config.kubeconfig import Kubeconfig
from kmagic.errors import ConfigError
from tests.strange import bounded

from .conftest import Write

# kubectl reads one file in a call; to shrink would take hundreds of calls.
_asking_kubectl = settings(bounded(40), phases=(Phase.reuse, Phase.generate))
_SECTIONS = {"clusters": "cluster", "users": "user", "contexts": "context"}
_SECRET = "hunter2"
Kubectl = Callable[[bytes], dict[str, Any] | None]


@pytest.fixture(scope="session")
def kubectl(kubectl_path: str) -> Kubectl:
    """kubectl's reading of a kubeconfig, None where it refuses it."""

    def read(content: bytes) -> dict[str, Any] | None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "config")
            path.write_bytes(content)
            done = subprocess.run(
                [kubectl_path, "--kubeconfig", str(path), "config", "view", "--raw", "-o", "json"],
                env={"HOME": folder},
                capture_output=True,
                timeout=60,
            )
        return None if done.returncode else json.loads(done.stdout)

    return read


def ours(content: bytes) -> Kubeconfig | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config")
        path.write_bytes(content)
        try:
            return kubeconfig.load_file(path)
        except ConfigError as error:
            refusal = str(error)
    assert _SECRET not in refusal
    return None


def without_empty(value: Any) -> Any:
    """Go leaves out what is empty; so what is empty says nothing here."""
    if isinstance(value, Mapping):
        return {
            key: each for key, found in value.items() if (each := without_empty(found)) not in (None, "", False, {}, [])
        }
    return [without_empty(each) for each in value] if isinstance(value, list) else value


def assert_same(found: Kubeconfig | None, theirs: dict[str, Any] | None) -> None:
    assert (found is None) == (theirs is None), theirs
    if found is None or theirs is None:
        return
    assert found.current_context == theirs["current-context"]
    for section, inner in _SECTIONS.items():
        expected = {each["name"]: without_empty(each[inner]) for each in theirs[section] or ()}
        stanzas: Mapping[str, Any] = getattr(found, section)
        assert {name: without_empty(stanza.fields) for name, stanza in stanzas.items()} == expected


def cluster(fields: str) -> bytes:
    return b"clusters:\n- name: a\n  cluster: {%s}\n" % fields.encode()


def user(fields: str) -> bytes:
    return b"users:\n- name: a\n  user: {%s}\n" % fields.encode()


FILES = {
    "verification as text": cluster('insecure-skip-tls-verify: "false"'),
    "verification null": cluster("insecure-skip-tls-verify: null"),
    "verification in YAML 1.1": cluster("insecure-skip-tls-verify: no"),
    "verification as a number": cluster("insecure-skip-tls-verify: 0"),
    "verification as a list": cluster("insecure-skip-tls-verify: []"),
    "an octal namespace": b"contexts:\n- name: a\n  context: {namespace: 0123}\n",
    "a namespace of digits": b"contexts:\n- name: a\n  context: {namespace: 1234}\n",
    "an octal token": user("token: 012345"),
    "a token like a float": user("token: 1e5"),
    "a token like a bool": user("token: yes"),
    "a token of digits in quotes": user('token: "012345"'),
    "a token like a date": user("token: 2001-01-01"),
    "a token as a list": user("token: [hunter2]"),
    "a token as a mapping": user("token: {a: hunter2}"),
    "a token null": user("token: null"),
    "env with a number": user("exec: {env: [{name: A, value: 1}]}"),
    "env as a mapping": user("exec: {env: {A: hunter2}}"),
    "env and args null": user("exec: {env: [null], args: [null]}"),
    "args as text": user("exec: {args: hunter2}"),
    "args with a number": user("exec: {args: [a, 1]}"),
    "exec as a list": user("exec: [1]"),
    "exec as text": user("exec: hunter2"),
    "cluster info as text": user('exec: {provideClusterInfo: "true"}'),
    "a provider's number": user("auth-provider: {name: oidc, config: {a: 1}}"),
    "a provider's key": user("auth-provider: {name: oidc, config: {1: a}}"),
    "extra values": user("as: a, as-user-extra: {a: [1]}"),
    "extra text": user("as: a, as-user-extra: {a: b}"),
    "groups as text": user("as: a, as-groups: hunter2"),
    "text for a user": b"users:\n- name: a\n  user: hunter2\n",
    "no name": b"users:\n- user: {token: a}\n",
    "a name of digits": b"users:\n- name: 12\n",
    "a null entry": b"users:\n-\n",
    "entries as a mapping": b"clusters: {a: b}\n",
    "a name twice": b"users:\n- name: a\n  user: {token: hunter2}\n- name: a\n",
    "a key twice": cluster("server: b, server: c"),
    "keys in another case": b"clusters:\n- Name: a\n  Cluster: {server: b}\n",
    "a current context of digits": b"current-context: 12\n",
    "preferences as text": b"preferences: {colors: a}\n",
    "an extension": b"extensions: [{name: a, extension: 1}]\n",
    "an extension's name": b"extensions: [{name: 1}]\n",
    "another kind": b"kind: Pod\napiVersion: v1\n",
    "a kind of digits": b"kind: 1\n",
    "another version": b"kind: Config\napiVersion: v2\n",
    "null": b"null\n",
    "nothing": b"",
    "text": b"hunter2",
    "a list": b"[]",
    "JSON": b'{"clusters":[{"name":"a","cluster":{"server":"b"}}]}',
    "JSON with a number": b'{"clusters":[{"name":"a","cluster":{"server":1}}]}',
    "a closing line": b"---\n" + cluster("server: b") + b"---\n",
    "a second document": cluster("server: b") + b"---\n" + user("token: a"),
    "binary data": cluster('certificate-authority-data: !!binary "Wm05dg=="'),
    "binary data that is not base64": cluster('certificate-authority-data: !!binary "Zm9v"'),
    "data with a blank": user('client-key-data: "Zm 9v"'),
    "data cut short": user('client-key-data: "Zm9"'),
    "data over lines": b"users:\n- name: a\n  user:\n    client-key-data: |\n      Zm9v\n",
    "a byte order mark and CRLF": b"\xef\xbb\xbf" + cluster("server: b").replace(b"\n", b"\r\n"),
    "no UTF-8": cluster("server: b") + b"# \xff\n",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_or_refused_as_by_kubectl(name: str, kubectl: Kubectl) -> None:
    theirs = kubectl(FILES[name])
    if name == "data over lines":
        # The same bytes; kubectl prints them encoded again, without the line break.
        theirs["users"][0]["user"]["client-key-data"] += "\n"  # type: ignore[index]
    assert_same(ours(FILES[name]), theirs)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 999) | st.floats(0, 9) | st.sampled_from(["", "a", "Zm9v", "false", "0123"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "value", "a"]), inner, max_size=2),
    max_leaves=3,
)  # fmt: skip
_STANZAS = {"clusters": fields.CLUSTER, "users": fields.USER, "contexts": fields.CONTEXT}


@st.composite
def _configs(draw: st.DrawFn) -> dict[str, Any]:
    """A kubeconfig with a value of any type in one field, or in a field of its exec plugin."""
    section = draw(st.sampled_from(sorted(_STANZAS)))
    key = draw(st.sampled_from(sorted(_STANZAS[section])))
    stanza = {key: draw(_VALUES)}
    if key == "exec" and draw(st.booleans()):
        plugin: Any = fields.USER["exec"]
        stanza = {"exec": {draw(st.sampled_from(sorted(plugin))): draw(_VALUES)}}
    return {section: [{"name": "a", _SECTIONS[section]: stanza}]}


def _bytes_as_numbers(config: dict[str, Any]) -> bool:
    """Go reads a list of numbers as data too, which nobody writes: refused here."""
    ((section, (entry,)),) = config.items()
    stanza = entry[_SECTIONS[section]]
    return any(key.endswith("-data") and isinstance(value, list) for key, value in stanza.items())


@_asking_kubectl
@given(config=_configs().filter(lambda config: not _bytes_as_numbers(config)))
def test_any_value_in_any_field_is_read_or_refused_as_by_kubectl(config: dict[str, Any], kubectl: Kubectl) -> None:
    text = json.dumps(config).encode()
    # Relative paths are shown resolved by both, each against its own folder.
    found, theirs = ours(text), kubectl(text)
    assert (found is None) == (theirs is None), config


@bounded(300)
@given(content=st.binary(max_size=80) | _configs().map(lambda config: json.dumps(config).encode()))
def test_any_bytes_are_a_kubeconfig_or_a_config_error(content: bytes) -> None:
    ours(content)


def test_a_refusal_names_the_field_and_the_way_out_and_no_value(write: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        kubeconfig.load_file(write({"server": "https://s", "insecure-skip-tls-verify": "false"}))
    assert "cannot unmarshal string into field clusters.cluster.insecure-skip-tls-verify of type bool" in str(
        caught.value
    )
    assert caught.value.hint == "write true or false, without quotes"


def test_a_kubeconfig_made_in_python_is_checked_too() -> None:
    with pytest.raises(ConfigError, match=r"cannot unmarshal number into field users.user.token of type string"):
        fields.typed({"token": 5349}, fields.USER, "users.user")
