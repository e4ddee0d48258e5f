"""%kdiff on running servers; text is compared with kubectl's in tests/parity."""

from __future__ import annotations

import base64
from pathlib import Path

from kmagic.magics.results.differences import KDiff
from tests.magics.conftest import Notebook

SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: '1', b: '2'}\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {same: kept-value, old: first-value}\n"


def test_differences_are_a_value_and_change_nothing(online: Notebook) -> None:
    online.ok(f"%%kapply\n{SETTINGS}")
    ran = online.ok(f"%%kdiff --to found\n{SETTINGS.replace('2', '3')}")
    found = online.shell.user_ns["found"]
    assert isinstance(found, KDiff)
    assert [each.what for each in found] == ["configmap/settings"]
    assert found[0].before["data"] == {"a": "1", "b": "2"}
    assert found[0].after["data"] == {"a": "1", "b": "3"}
    assert '+  b: "3"' in found[0].lines
    assert online.ok("%kget cm settings").value["data"]["b"] == "2"
    assert ran.error is None


def test_what_is_as_it_is_wanted_is_false(online: Notebook, tmp_path: Path) -> None:
    online.ok(f"%%kapply\n{SETTINGS}")
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    found = online.ok(f"%kdiff -f {tmp_path}/settings.yaml").value
    assert not found
    assert found.same == ("configmap/settings",)
    assert str(found) == ""
    assert "no differences: configmap/settings" in found._repr_mimebundle_()["text/html"]


def test_no_value_of_a_secret_is_shown_and_a_changed_one_is_seen(online: Notebook) -> None:
    online.ok(f"%%kapply\n{SECRET}")
    online.ok(f"%%kdiff --to found\n{SECRET.replace('first', 'second')}")
    found = online.shell.user_ns["found"]
    assert "-  old: '*** (before)'" in found.text
    assert "+  old: '*** (after)'" in found.text
    shown = found.text + found._repr_mimebundle_()["text/html"] + repr(found[0].before) + repr(found[0].after)
    for value in ("kept-value", "first-value", "second-value"):
        assert value not in shown
        assert base64.b64encode(value.encode()).decode() not in shown


def test_a_dry_run_keeps_what_a_secret_is_given_as_text(online: Notebook) -> None:
    online.ok(f"%%kapply\n{SECRET}")
    online.ok(f"%%kapply --dry-run=server\n{SECRET}")
    assert "unchanged" in online.ok(f"%%kapply --dry-run=server\n{SECRET}").text
    online.ok(f"%%kdiff --to found\n{SECRET}")
    assert not online.shell.user_ns["found"]


def test_two_objects_are_compared_without_what_no_two_share(online: Notebook) -> None:
    online.ok(f"%%kapply\n{SETTINGS}---\n{SETTINGS.replace('settings', 'other').replace('2', '3')}")
    found = online.ok("%kdiff cm/settings cm/other").value
    assert [line for line in found[0].lines if line[0] in "+-"] == [
        '-  b: "2"',
        '+  b: "3"',
        "-  name: settings",
        "+  name: other",
    ]
    assert "name two objects" in online.fails("%kdiff cm/settings")


def test_one_object_is_compared_in_two_contexts(online: Notebook) -> None:
    online.ok(f"%%kapply\n{SETTINGS}")
    first = online.session.target.context
    namespace = online.session.target.namespace
    found = online.ok(f"%kdiff cm/settings -n {namespace} --against acme-prod").value
    assert not found
    assert found.same == ("configmap/settings",)
    assert online.session.target.context == first


def test_a_field_of_another_manager_is_told_and_the_difference_shown(online: Notebook) -> None:
    online.ok(f"%%kapply --field-manager helm\n{SETTINGS}")
    ran = online.run(f"%%kdiff --to found\n{SETTINGS.replace('2', '3')}")
    assert ran.error is None
    assert "needs --force-conflicts" in ran.text
    assert "helm" in ran.text
    assert '+  b: "3"' in online.shell.user_ns["found"].text
    assert "conflict" in online.fails(f"%%kdiff --server-side\n{SETTINGS.replace('2', '3')}")


def test_it_may_be_asked_in_a_read_only_context(online: Notebook) -> None:
    online.ok(f"%%kapply\n{SETTINGS}")
    online.protect("--readonly")
    online.ok(f"%%kdiff --to found\n{SETTINGS.replace('2', '3')}")
    assert len(online.shell.user_ns["found"]) == 1
