"""%kcreate on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from kmagic.errors import UsageError
from kmagic.magics.results.values import Hidden
from tests.magics.conftest import Notebook


def test_an_object_is_made_without_a_server(offline: Notebook) -> None:
    ran = offline.ok("%kcreate deployment web --image nginx --dry-run=client -o yaml")
    assert "image: nginx" in ran.text
    assert "kind: Deployment" in ran.text


def test_a_cell_that_applies_it_is_offered(offline: Notebook) -> None:
    offline.session.headless = lambda: False
    offline.ok("%kcreate cm a --from-literal b=c --dry-run=client -o yaml")
    offered = offline.shell.rl_next_input
    assert offered.startswith("%%kapply\napiVersion: v1\n")
    offline.shell.rl_next_input = None
    offline.ok("%kcreate secret generic a --from-literal b=c --dry-run=client -o yaml")
    assert offline.shell.rl_next_input is None


def test_no_value_of_a_secret_is_shown(offline: Notebook) -> None:
    for output in ("yaml", "json", "jsonpath={.data.pin}"):
        text = offline.ok(f"%kcreate secret generic a --from-literal pin=4711 --dry-run=client -o {output}").text
        assert "4711" not in text
        assert base64.b64encode(b"4711").decode() not in text


def test_what_was_made_is_a_value(online: Notebook) -> None:
    done = online.ok("%kcreate cm a --from-literal b=c").value
    assert (done[0].action, done[0].after["data"]) == ("created", {"b": "c"})
    assert online.ok("%kget cm a").value["data"] == {"b": "c"}


def test_a_cells_manifests_are_created_once(online: Notebook) -> None:
    cell = "%%kcreate\napiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: one-}"
    assert "configmap/one-" in online.ok(cell).text
    assert len(online.ok("_k").value) == 1
    named = "%%kcreate\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}"
    online.ok(named)
    assert "already exists" in online.fails(named)


def test_a_protected_target_gets_a_plan(online: Notebook) -> None:
    online.protect()
    ran = online.ok("%kcreate cm planned --from-literal a=b")
    assert "not applied" in ran.text
    assert "not found" in online.fails("%kget cm planned")
    online.ok("_kp.apply()")
    assert online.ok("%kget cm planned").value["data"] == {"a": "b"}


def test_a_token_is_a_value_that_is_not_shown(online: Notebook) -> None:
    online.ok("%kcreate serviceaccount robot")
    ran = online.ok("token = %kcreate token robot")
    token = online.shell.user_ns["token"]
    assert isinstance(token, Hidden)
    assert len(token.value) > 20
    assert token.value not in online.ok("token").text + ran.text
    assert token.value[:40] not in online.ok("%kcreate token robot -o yaml").text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("secret tls s --cert {f} --key {f}", "do not make a pair", id="no certificate"),
        pytest.param("cm a --from-file {f}=x=y", "cannot contain '='", id="two equals signs"),
        pytest.param("cm a --from-file nope", "error reading nope: no such file or directory", id="no file"),
        pytest.param("job j --from cronjob/a --image b", "either --image or --from", id="both"),
        pytest.param("cm", "exactly one NAME is required, got 0", id="no name"),
    ],
)
def test_a_mistake_is_one_card(offline: Notebook, tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "file"
    file.write_text("text")
    ran = offline.run(f"%kcreate {line.format(f=file)}")
    assert isinstance(ran.error, UsageError)
    assert says in ran.text


def test_a_cell_and_a_generator_do_not_go_together(offline: Notebook) -> None:
    ran = offline.run("%%kcreate cm a\nkind: Pod")
    assert isinstance(ran.error, UsageError)
