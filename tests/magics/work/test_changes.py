"""The one way of changes: a plan goes where it was made for, and what was done is known however it ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import pytest
import yaml

from kmagic.api.types import JSONObject
from kmagic.errors import ConnectError, GateError, InvalidError, KubeError, ProtectedError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.results.cards import KApply, KPlan, result_of
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.work.changes import Changes, carry_out
from kmagic.views.yaml import same_wish
from tests.cluster.fixture import ExternalCluster
from tests.conftest import Server
from tests.magics.conftest import KUBECONFIG, PROTECTED, Notebook

WORLD = """%%kapply
apiVersion: v1
kind: ConfigMap
metadata: {name: cm}
data: {mode: one}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.25"}]}
"""

# What each verb does to the world, and the value by which that is seen.
CHANGES = {
    "apply": (WORLD.replace("mode: one", "mode: two"), "cm/cm -o jsonpath={.data.mode}", "two"),
    "label": ("%klabel cm cm tier=front", "cm/cm -o jsonpath={.metadata.labels.tier}", "front"),
    "annotate": ("%kannotate cm cm note=x", "cm/cm -o jsonpath={.metadata.annotations.note}", "x"),
    "patch": ("""%kpatch cm cm -p '{"data": {"mode": "two"}}'""", "cm/cm -o jsonpath={.data.mode}", "two"),
    "scale": ("%kscale deploy web --replicas 2", "deploy/web -o jsonpath={.spec.replicas}", 2),
    "rollout": ("%krollout pause deploy/web", "deploy/web -o jsonpath={.spec.paused}", True),
    "delete": ("%kdelete cm cm", "cm --field-selector metadata.name=cm -o name", []),
}
each_verb = pytest.mark.parametrize(("line", "seen", "after"), CHANGES.values(), ids=CHANGES)


@pytest.fixture
def filled(online: Notebook) -> Notebook:
    online.ok(WORLD)
    online.ok("%kwait cm/kube-root-ca.crt --for create --timeout 60s")  # made for every namespace, a moment later
    return online


@pytest.fixture
def two_servers(filled: Notebook, server: Server, sandbox: Server, cluster: ExternalCluster, tmp_path: Path) -> Any:
    """A notebook whose kubeconfig also has the other server, as context `other`, with the same world in it."""
    path = tmp_path / "both.kubeconfig"
    content = yaml.safe_load(path.read_text())
    other = yaml.safe_load(Path(cluster.kubeconfig if server.kind == "sandbox" else sandbox.kubeconfig).read_text())
    content["clusters"].append({**other["clusters"][0], "name": "other"})
    content["users"].append({**other["users"][0], "name": "other"})
    content["contexts"].append({"name": "other", "context": {"cluster": "other", "user": "other"}})
    path.write_text(yaml.safe_dump(content))
    name = filled.session.target.namespace
    filled.ok(f"%%kapply --context other\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}")
    first, _, rest = WORLD.partition("\n")
    filled.ok(f"{first} --context other -n {name}\n{rest}")
    yield filled
    filled.unprotect().run("_kp.discard()")
    filled.ok(f"%kdelete ns {name} --wait=false --context other")


def value(notebook: Notebook, seen: str, flags: str = "") -> Any:
    return notebook.run(f"%kget {seen} {flags}").value


@each_verb
def test_R1_a_plan_goes_where_it_was_made_for(two_servers: Notebook, line: str, seen: str, after: Any) -> None:
    name = two_servers.session.target.namespace
    here, there = f"--context {PROTECTED} -n {name}", f"--context other -n {name}"
    two_servers.protect()
    assert f"{PROTECTED} ▸ {name} · protected" in two_servers.ok(line).text
    before = value(two_servers, seen, there)
    two_servers.ok("%kctx other\n%kns default")
    ran = two_servers.ok("done = _kp.apply()")
    assert f"{PROTECTED} ▸ {name}" in ran.html
    assert two_servers.shell.user_ns["done"].target.context == PROTECTED
    assert value(two_servers, seen, here) == after
    assert value(two_servers, seen, there) == before
    assert value(two_servers, seen, "-n default") != after or after == []
    assert two_servers.session.target.badge.startswith("other ▸ default")


@each_verb
def test_R1_a_plan_survives_another_kubeconfig(
    filled: Notebook, tmp_path: Path, line: str, seen: str, after: Any
) -> None:
    filled.protect().ok(line)
    path = tmp_path / "both.kubeconfig"
    text = path.read_text()
    path.write_text(text.replace("https://", "https://nowhere.example/"))
    filled.ok("_kp.apply()")
    path.write_text(text)
    assert value(filled, seen) == after


@pytest.mark.parametrize("flag", ["--user", "--kubeconfig"])
def test_R1_a_plan_of_flags_is_applied_after_what_they_name_is_gone(
    filled: Notebook, tmp_path: Path, flag: str
) -> None:
    path, name = tmp_path / "both.kubeconfig", filled.session.target.namespace
    user = yaml.safe_load(path.read_text())["users"][0]["name"]
    other = tmp_path / "other.kubeconfig"
    other.write_text(path.read_text())
    named = f"--user {user}" if flag == "--user" else f"--kubeconfig {other} --context {PROTECTED} -n {name}"
    filled.protect().ok(f"%klabel cm cm tier=front {named}")
    other.unlink()
    nowhere = tmp_path / "nowhere.kubeconfig"
    nowhere.write_text(KUBECONFIG)
    filled.ok(f"%kctx --kubeconfig {nowhere}")
    assert filled.ok("_kp.apply()").value.ok
    filled.ok(f"%kctx --kubeconfig {path} -n {name}")
    assert value(filled, "cm/cm -o jsonpath={.metadata.labels.tier}") == "front"


@each_verb
def test_R3_a_plan_is_void_once_its_object_changed(filled: Notebook, line: str, seen: str, after: Any) -> None:
    filled.protect().ok(line)
    changed = filled.session.place.client
    namespace = filled.session.target.namespace
    patch: JSONObject = {"metadata": {"labels": {"by": "somebody"}}, "spec": {"replicas": 3}}
    with filled.session.place.approved():
        run = filled.session.runtime.run
        run(changed.resource("cm", namespace).patch("cm", {"metadata": {"labels": {"by": "somebody"}}}))
        run(changed.resource("deploy", namespace).patch("web", patch))
    ran = filled.run("_kp.apply()")
    assert isinstance(ran.error, GateError)
    assert "changed since the plan was made" in ran.text
    assert "Traceback" not in ran.text
    assert value(filled, seen) != after
    assert filled.ok(line).value is not None or line.startswith("%%")  # a new plan can be made at once


@each_verb
def test_R3_a_plan_is_applied_once(filled: Notebook, line: str, seen: str, after: Any) -> None:
    filled.protect().ok(line)
    filled.ok("_kp.apply()")
    assert value(filled, seen) == after
    assert isinstance(filled.run("_kp.apply()").error, GateError)


def test_R3_a_deleted_and_remade_object_is_another_one(filled: Notebook) -> None:
    filled.protect().ok("%kdelete cm cm")
    maps = filled.session.place.client.resource("cm", filled.session.target.namespace)
    with filled.session.place.approved():
        filled.session.runtime.run(maps.delete("cm"))
        filled.session.runtime.run(maps.create({"metadata": {"name": "cm"}, "data": {"mode": "one"}}))
    assert isinstance(filled.run("_kp.apply()").error, GateError)
    assert value(filled, "cm/cm -o jsonpath={.data.mode}") == "one"


def test_R3_only_the_newest_plan_can_be_applied(filled: Notebook) -> None:
    filled.protect().ok("%klabel cm cm a=1")
    filled.ok("first = _kp")
    ran = filled.run("%klabel cm cm b=2")
    assert isinstance(ran.error, GateError)
    assert PROTECTED in ran.text
    filled.ok("_kp.discard()")
    filled.ok("%klabel cm cm b=2")
    assert isinstance(filled.run("first.apply()").error, GateError)
    filled.ok("_kp.apply()")
    assert value(filled, "cm/cm -o jsonpath={.metadata.labels}") == {"b": "2"}


def test_a_plan_is_replaced_when_its_cell_runs_again(filled: Notebook) -> None:
    filled.protect().ok("%klabel cm cm a=1")
    filled.ok("first = _kp")
    filled.ok("%klabel cm cm a=1")
    assert filled.shell.user_ns["first"].discarded
    assert filled.shell.user_ns["_kp"].open


def test_a_plan_that_was_asked_for_stops_also_where_none_is_needed(filled: Notebook) -> None:
    filled.ok(CHANGES["apply"][0].replace("%%kapply", "%%kapply --plan"))
    assert isinstance(filled.shell.user_ns["_kp"], KPlan)
    assert value(filled, CHANGES["apply"][1]) == "one"
    filled.ok("_kp.apply()")
    assert value(filled, CHANGES["apply"][1]) == "two"


def test_R7_a_plan_of_a_context_made_read_only_since_is_refused(filled: Notebook) -> None:
    filled.protect().ok("%klabel cm cm a=1")
    filled.protect("--readonly")
    assert isinstance(filled.run("_kp.apply()").error, ProtectedError)
    assert value(filled, "cm/cm -o jsonpath={.metadata.labels}") in (None, "", [])


def test_what_only_the_status_says_does_not_count() -> None:
    web: JSONObject = {"metadata": {"name": "web", "uid": "1", "resourceVersion": "5"}, "spec": {"replicas": 1}}
    moved = {**web, "metadata": {**web["metadata"], "resourceVersion": "6"}, "status": {"readyReplicas": 1}}
    assert same_wish(web, moved)
    assert not same_wish(web, moved, with_status=True)
    assert not same_wish(web, {**moved, "spec": {"replicas": 2}})


def test_R2_an_object_in_a_protected_namespace_is_planned_wherever_the_notebook_is(
    offline: Notebook, tmp_path: Path
) -> None:
    session = offline.session
    path = tmp_path / "staging"
    path.write_text(KUBECONFIG.replace("prod", "staging"))
    offline.ok(f"%kctx acme-staging --kubeconfig {path}")
    session.headless = lambda: False
    command = parse(VERBS["apply"], "", "x", {}.__getitem__)
    done = carry_out(Changes(command, session.place, (Scripted("a"),)), session)
    assert isinstance(done, KApply)
    steps = (Scripted("a"), Scripted("b", namespace="kube-system"))
    plan = carry_out(Changes(command, session.place, steps), session)
    assert isinstance(plan, KPlan)
    assert plan.target.badge == "acme-staging ▸ kube-system · protected"


# -- what must be said


@pytest.mark.parametrize(
    ("line", "word"),
    [
        pytest.param("%kdelete ns {{ns}}", "NAMESPACE", id="a namespace"),
        pytest.param("%kdelete cm --all", "2", id="all of a type"),
        pytest.param("%klabel cm --all a=1", "2", id="all of a type labelled"),
        pytest.param("%kdelete cm cm --force", "cm", id="forced"),
        pytest.param("%kdelete cm/cm deploy/web --force", "2", id="several forced"),
        pytest.param("%kscale deploy web --replicas 0", "web", id="scaled to zero"),
        pytest.param('%kpatch deploy web -p \'{"spec": {"replicas": 0}}\'', "web", id="patched to zero"),
        pytest.param(WORLD.replace("replicas: 1", "replicas: 0"), "2", id="applied with zero"),
    ],
)
def test_R5_what_takes_more_down_is_said(filled: Notebook, line: str, word: str) -> None:
    name = filled.session.target.namespace
    filled.shell.user_ns["ns"] = name
    word = word.replace("NAMESPACE", name)
    planned = filled.protect().ok(line)
    assert f'_kp.apply(confirm="{word}")' in planned.text
    for said in ("", 'confirm="yes"'):
        ran = filled.run(f"_kp.apply({said})")
        assert isinstance(ran.error, GateError)
        assert f'"{word}"' in ran.text
        assert "Traceback" not in ran.text
    assert filled.shell.user_ns["_kp"].open
    assert value(filled, "deploy/web -o jsonpath={.spec.replicas}") == 1
    filled.ok(f'_kp.apply(confirm="{word}")')


def test_R5_a_count_may_be_said_as_a_number(filled: Notebook) -> None:
    filled.protect().ok("%klabel cm --all a=1")
    assert filled.shell.user_ns["_kp"].demand.word == "2"
    filled.ok("_kp.apply(confirm=2)")


def test_R5_a_cascade_is_counted(filled: Notebook) -> None:
    filled.ok("%kscale deploy web --replicas 21")
    filled.ok("%kwait deploy/web --for jsonpath={.status.replicas}=21 --timeout 60s")
    planned = filled.protect().ok("%kdelete deploy web")
    assert "22 objects are deleted with it" in planned.text
    assert isinstance(filled.run("_kp.apply()").error, GateError)
    filled.ok("_kp.discard()")
    assert "confirm" not in filled.ok("%kdelete deploy web --cascade=orphan").text
    filled.ok("_kp.discard()")
    filled.ok("%kdelete deploy web")
    filled.ok('_kp.apply(confirm="web")')


def test_R3_the_cell_that_planned_cannot_apply(filled: Notebook) -> None:
    ran = filled.protect().run("%klabel cm cm a=1\n_kp.apply()")
    assert isinstance(ran.error, GateError)
    assert "sent before the plan was shown" in ran.text
    filled.ok("_kp.apply()")


def test_R6_somebody_at_a_terminal_can_approve(filled: Notebook) -> None:
    session = filled.protect().session
    session.headless = lambda: True
    assert isinstance(filled.run("%klabel cm cm a=1").error, ProtectedError)
    session.attended = lambda: True
    filled.ok("%klabel cm cm a=1")
    filled.ok("_kp.apply()")


# -- what was done is a value


@pytest.mark.parametrize("line", ["%%kapply r <<", "%%kapply --to r"])
def test_a_failed_apply_leaves_what_was_done(online: Notebook, line: str) -> None:
    good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n"
    bad = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndata: {'no key!': x}\n"
    ran = online.run(f"{line}\n{good}---\n{bad}")
    assert isinstance(ran.error, InvalidError)
    result = online.shell.user_ns["r"]
    assert isinstance(result, KApply)
    assert [(each.what, each.action) for each in result] == [("configmap/good", "created"), ("configmap/bad", "failed")]
    assert result[1].error is ran.error
    assert not result.ok
    assert online.shell.user_ns["_k"] is result


@pytest.mark.parametrize(
    ("line", "actions"),
    [
        pytest.param("r = 1\n%klabel cm cm 'x/y/z=1' --to r", ["failed"], id="label"),
        pytest.param('%kpatch cm cm -p \'{"data": {"no key!": "x"}}\' --to r', ["failed"], id="patch"),
        pytest.param("%kdelete cm kept cm --timeout 1s --to r", ["still there", "deleted"], id="delete"),
    ],
)
def test_every_changing_verb_leaves_what_was_done(filled: Notebook, line: str, actions: list[str]) -> None:
    filled.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, finalizers: [example.com/keep]}")
    assert isinstance(filled.run(line).error, KubeError)
    assert [each.action for each in filled.shell.user_ns["r"]] == actions
    maps = filled.session.place.client.resource("cm", filled.session.target.namespace)
    filled.session.runtime.run(maps.patch("kept", {"metadata": {"finalizers": None}}))


@dataclass(frozen=True)
class Scripted:
    """A step that ends as it is told to."""

    name: str
    end: type[BaseException] | None = None
    namespace: str = ""

    async def send(self, client: object, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
        if self.end is KeyboardInterrupt:
            os.kill(os.getpid(), signal.SIGINT)
            await anyio.sleep_forever()
        if self.end is not None:
            raise self.end("gone")
        return self.outcome("created")

    async def failed(self, client: object, error: KubeError) -> Outcome:
        return replace(self.outcome("failed"), error=error)

    def outcome(self, action: str) -> Outcome:
        return Outcome(action, self.name, self.namespace, kind="Thing")


@pytest.mark.parametrize(
    ("end", "action"),
    [
        pytest.param(KeyboardInterrupt, "interrupted", id="interrupted"),
        pytest.param(ConnectError, "failed", id="cut off"),
    ],
)
def test_R20_what_was_not_tried_is_said(offline: Notebook, end: type[BaseException], action: str) -> None:
    session = offline.session
    command = parse(VERBS["apply"], "", "x", {}.__getitem__)
    steps = (Scripted("a"), Scripted("b", end), Scripted("c"))
    with pytest.raises(end) as raised:
        carry_out(Changes(command, session.place, steps), session)
    result = result_of(raised.value)
    assert result is not None
    assert [each.action for each in result] == ["created", action, "not tried"]
    assert "thing/c not tried" in result.text


def test_an_interrupt_of_what_follows_the_sending_leaves_how_far_it_came(offline: Notebook) -> None:
    session = offline.session
    command = parse(VERBS["apply"], "", "x", {}.__getitem__)

    async def settle(outcomes: list[Outcome], say: object) -> None:
        outcomes[1] = replace(outcomes[1], action="evicting")
        os.kill(os.getpid(), signal.SIGINT)
        await anyio.sleep_forever()

    with pytest.raises(KeyboardInterrupt) as raised:
        carry_out(Changes(command, session.place, (Scripted("a"), Scripted("b")), settle=settle), session)
    result = result_of(raised.value)
    assert result is not None
    assert [each.action for each in result] == ["created", "evicting"]
    assert not result.ok


@pytest.mark.parametrize(
    "output", ["go-template='{{.data.mode.more}}'", "jsonpath='{.nope}' --allow-missing-template-keys=false"]
)
def test_a_change_whose_output_does_not_fit_is_known(filled: Notebook, output: str) -> None:
    line = f"""%kpatch cm cm -p '{{"data": {{"mode": "two"}}}}' -o {output}"""
    ran = filled.run(f"{line} --to r")
    assert isinstance(ran.error, KubeError)
    assert "configmap/cm patched" in ran.text
    for name in ("r", "_k"):
        assert [(each.what, each.action) for each in filled.shell.user_ns[name]] == [("configmap/cm", "patched")]
    assert value(filled, "cm/cm -o jsonpath={.data.mode}") == "two"


def test_a_plan_whose_output_does_not_fit_has_its_result(filled: Notebook) -> None:
    session = filled.protect().session
    command = parse(VERBS["apply"], "", "x", {}.__getitem__)

    def printed(objects: Sequence[JSONObject]) -> str:
        if applied:
            raise KubeError("the template does not fit")
        return "fits"

    applied = False
    plan = carry_out(Changes(command, session.place, (Scripted("a"),), printed=printed), session)
    assert isinstance(plan, KPlan)
    applied = True
    plan.shown_at = 0.0
    with pytest.raises(KubeError, match="does not fit"):
        plan.apply()
    assert plan.result is not None
    assert [each.action for each in plan.result] == ["created"]


def test_requests_of_a_plan_are_told_as_its_line_asked(filled: Notebook) -> None:
    assert '"Response" verb="PATCH"' in filled.protect().ok("%klabel cm cm tier=front -v=6").text
    told = filled.ok("_kp.apply()").text
    assert '"Response" verb="PATCH"' in told
    assert '"Response" verb="GET"' not in filled.ok("%kget cm cm").text


def test_a_warning_met_by_applying_a_plan_is_an_error_where_its_line_asked(filled: Notebook) -> None:
    session = filled.protect().session
    warned = False

    @dataclass(frozen=True)
    class Warned(Scripted):
        async def send(self, client: object, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
            if warned:
                session.heard("it is old")
            return self.outcome("created")

    command = parse(VERBS["apply"], "--warnings-as-errors", "x", {}.__getitem__)
    plan = carry_out(Changes(command, session.place, (Warned("a"),)), session)
    assert isinstance(plan, KPlan)
    warned, plan.shown_at = True, 0.0
    with pytest.raises(KubeError, match="1 warning received"):
        plan.apply()
    assert plan.applied
    assert plan.result is not None
    assert [each.action for each in plan.result] == ["created"]
