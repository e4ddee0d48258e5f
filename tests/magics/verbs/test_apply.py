"""%%kapply on running servers: what changed is shown, what failed is named, mistakes point at their line."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import pytest
import yaml

from kmagic.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    GateError,
    KubeError,
    NoMatchError,
    ProtectedError,
    UsageError,
)
from kmagic.magics.results.cards import KApply, KPlan
from tests.cluster.fixture import ExternalCluster
from tests.magics.conftest import Notebook

CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata: {name: cm}
data: {mode: one}
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.25
"""


def apply(body: str, line: str = "") -> str:
    return f"%%kapply {line}\n{body}"


def test_created_then_configured_then_unchanged(online: Notebook) -> None:
    assert "configmap/cm created" in online.ok(apply(CONFIG_MAP)).text
    ran = online.ok(apply(CONFIG_MAP.replace("one", "two"), "--to result"))
    assert "configmap/cm configured" in ran.text
    assert "~ data.mode: one → two" in ran.text
    assert "data.mode" in ran.html
    result = online.shell.user_ns["result"]
    assert isinstance(result, KApply)
    assert (result.ok, result.changed, result[0].action) == (True, True, "configured")
    assert result[0].before["data"] == {"mode": "one"}
    assert "configmap/cm unchanged" in online.ok(apply(CONFIG_MAP.replace("one", "two"))).text


def test_the_card_is_shown_once(online: Notebook) -> None:
    assert online.ok(apply(CONFIG_MAP)).text.count("configmap/cm created") == 1
    assert "configmap/cm created" in online.ok("_k").text


def test_several_documents_and_their_namespaces(online: Notebook) -> None:
    name = online.session.target.namespace
    body = f"{CONFIG_MAP}---\n{CONFIG_MAP.replace('{name: cm}', '{name: cm2, namespace: ' + name + '}')}"
    text = online.ok(apply(body)).text
    assert "configmap/cm created" in text
    assert "configmap/cm2 created" in text


def test_a_server_dry_run_keeps_nothing(online: Notebook) -> None:
    assert "created (server dry run)" in online.ok(apply(CONFIG_MAP, "--dry-run=server")).text
    assert len(online.ok("%kget cm cm --ignore-not-found").value) == 0


def test_a_client_dry_run_sends_nothing(offline: Notebook) -> None:
    assert "(dry run)" in offline.ok(apply(CONFIG_MAP, "--dry-run=client")).text


def test_files_are_applied_like_cells(online: Notebook, tmp_path: Any) -> None:
    path = tmp_path / "cm.yaml"
    path.write_text(CONFIG_MAP)
    result = online.ok(f"%kapply -f {path}").value
    assert result[0].action == "created"


def test_a_misspelt_field_points_at_its_line_and_names_the_right_one(online: Notebook) -> None:
    ran = online.run(apply(DEPLOYMENT.replace("replicas", "replcas")))
    assert isinstance(ran.error, BadRequestError)
    assert "spec.replcas (line 7)" in ran.text
    assert "did you mean replicas?" in ran.text


def test_a_misspelt_field_of_a_container_points_at_its_line(online: Notebook) -> None:
    ran = online.run(apply(DEPLOYMENT.replace("image:", "imag:")))
    assert ran.error is not None
    assert "(line 14)" in ran.text
    assert "did you mean image?" in ran.text


def test_failures_do_not_stop_the_other_documents(online: Notebook) -> None:
    unknown = "apiVersion: nowhere.example/v1\nkind: Nothing\nmetadata: {name: w}\n"
    ran = online.run(apply(f"{unknown}---\n{CONFIG_MAP}"))
    assert isinstance(ran.error, NoMatchError)
    assert "nothing/w failed" in ran.text
    assert 'line 2: no matches for kind "Nothing"' in ran.text
    assert "configmap/cm created" in ran.text


def test_several_failures_are_counted(online: Notebook) -> None:
    unknown = "apiVersion: nowhere.example/v1\nkind: Nothing\nmetadata: {name: NAME}\n"
    ran = online.run(apply(f"{unknown.replace('NAME', 'a')}---\n{unknown.replace('NAME', 'b')}---\n{CONFIG_MAP}"))
    assert type(ran.error) is KubeError
    assert "2 of 3 manifests were not applied" in ran.text


def definition_and_object(notebook: Notebook) -> str:
    group = f"{notebook.session.target.namespace}.example.com"
    return textwrap.dedent(f"""\
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {{name: gadgets.{group}}}
        spec:
          group: {group}
          scope: Namespaced
          names: {{plural: gadgets, singular: gadget, kind: Gadget}}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
        ---
        apiVersion: {group}/v1
        kind: Gadget
        metadata: {{name: g}}
        """)


def test_a_custom_resource_follows_its_definition_in_one_cell(online: Notebook) -> None:
    try:
        text = online.ok(apply(definition_and_object(online))).text
        assert "gadget." in text
        assert "/g created" in text
    finally:
        online.run(f"%kdelete crd gadgets.{online.session.target.namespace}.example.com")


def test_R3_a_definition_and_its_object_are_planned_in_one_cell(online: Notebook) -> None:
    group = f"{online.session.target.namespace}.example.com"
    online.protect()
    try:
        planned = online.ok(apply(definition_and_object(online))).text
        assert "gadget/g created, not tried before its definition is there (server dry run)" in planned
        done = online.ok("_kp.apply()").text
        assert "/g created\n" in done
        assert f"applied to {online.session.target.badge}" in done
    finally:
        online.unprotect().run(f"%kdelete crd gadgets.{group}")


def test_a_manifest_of_another_namespace_than_the_flags_is_a_mistake(online: Notebook) -> None:
    body = CONFIG_MAP.replace("{name: cm}", "{name: cm, namespace: default}")
    ran = online.run(apply(body, f"-n {online.session.target.namespace}"))
    assert isinstance(ran.error, UsageError)
    assert 'says namespace "default"' in ran.text


def test_fields_of_another_manager_are_a_conflict_until_forced(online: Notebook) -> None:
    online.ok(apply(CONFIG_MAP, "--field-manager other"))
    ran = online.run(apply(CONFIG_MAP.replace("one", "two")))
    assert isinstance(ran.error, ConflictError)
    assert "--force-conflicts" in ran.text
    assert ".data.mode" in ran.text
    assert "configured" in online.ok(apply(CONFIG_MAP.replace("one", "two"), "--force-conflicts")).text


def test_what_another_verb_of_ours_changed_is_no_conflict(online: Notebook) -> None:
    online.ok(apply(DEPLOYMENT))
    online.ok(apply(DEPLOYMENT.replace("1.25", "1.26")))
    online.ok("%kwait deploy/web --for jsonpath={.status.observedGeneration}=2")
    for line in (
        "%krollout undo deploy/web",
        "%kscale deploy/web --replicas 2",
        """%kpatch deploy/web -p '{"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "x"}]}}}}'""",
        "%klabel deploy/web tier=front",
    ):
        online.ok(line)
        online.ok(apply(DEPLOYMENT.replace("1.25", "1.26")))
    online.ok("%krollout restart deploy/web")
    assert "deployment.apps/web unchanged" in online.ok(apply(DEPLOYMENT.replace("1.25", "1.26"))).text
    now = online.ok("%kget deploy/web").value
    assert now.metadata["labels"] == {"tier": "front"}
    assert (now.spec["replicas"], now.spec["template"]["spec"]["containers"][0]["image"]) == (0, "nginx:1.26")
    online.ok("%kscale deploy/web --replicas 2")
    online.ok(apply(DEPLOYMENT.replace("  replicas: 0\n", "")))
    assert online.ok("%kget deploy/web").value.spec["replicas"] == 1


@pytest.mark.parametrize("mode", ["--server-side=false", "--server-side"])
def test_over_what_kubectl_applied_a_field_that_left_the_manifest_goes(
    online: Notebook, server: Any, cluster: ExternalCluster, mode: str
) -> None:
    body = CONFIG_MAP.replace("mode: one", "mode: one, gone: x")
    namespace = online.session.target.namespace
    cluster.kubectl("apply", "-n", namespace, mode, "-f", "-", input=body, kubeconfig=server.kubeconfig)
    changed = CONFIG_MAP.replace("one", "two")
    plan = online.run(apply(changed, "--dry-run=server"))
    for text in (plan.text, online.ok(apply(changed)).text):
        assert "~ data.mode: one → two" in text
        assert "- data.gone" in text
    diff = ("diff", "-n", namespace, "--server-side", "-f", "-")
    assert cluster.kubectl(*diff, input=changed, kubeconfig=server.kubeconfig) == ""


def test_a_stale_version_is_not_to_be_forced(online: Notebook) -> None:
    online.ok(apply(CONFIG_MAP))
    stale = CONFIG_MAP.replace("name: cm", 'name: cm, resourceVersion: "1"')
    ran = online.run(apply(stale))
    assert isinstance(ran.error, ConflictError)
    assert "--force-conflicts" not in ran.text
    assert "leave metadata.resourceVersion out" in ran.text


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param("kind: [", "not valid YAML at line 2, column 8", id="YAML"),
        pytest.param("metadata: {name: x}", "has no apiVersion", id="no kind"),
        pytest.param("", "holds no manifest", id="empty"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is(offline: Notebook, body: str, says: str) -> None:
    ran = offline.run(f"%%kapply\n{body}\n")
    assert isinstance(ran.error, UsageError)
    assert says in ran.text


def test_who_may_not_write_is_told_what_is_missing(at: Any, cluster: ExternalCluster) -> None:
    ran = at(cluster.readonly_kubeconfig).run(apply(CONFIG_MAP))
    assert isinstance(ran.error, ForbiddenError)
    assert "cannot patch resource" in ran.text


def test_R8_a_secrets_change_is_shown_without_its_values(online: Notebook) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {pw: VALUE}\n"
    first = online.ok(apply(secret.replace("VALUE", "hunter2")))
    second = online.ok(apply(secret.replace("VALUE", "correct-horse")))
    shown = first.text + first.html + second.text + second.html
    assert "~ data.pw: ‹masked 7 B #" in second.text
    for value in ("hunter2", "correct-horse", "aHVudGVyMg", "Y29ycmVjd"):
        assert value not in shown


# -- protection


@pytest.fixture
def protected(online: Notebook) -> Notebook:
    online.ok(apply(CONFIG_MAP))
    return online.protect()


def test_R3_a_change_of_a_protected_target_is_a_plan(protected: Notebook) -> None:
    ran = protected.ok(apply(CONFIG_MAP.replace("one", "two"), "--to plan"))
    assert "~ data.mode: one → two" in ran.text
    assert "not applied" in ran.text
    plan = protected.shell.user_ns["plan"]
    assert isinstance(plan, KPlan)
    assert protected.ok("%kget cm cm -o jsonpath={.data.mode}").value == "one"
    gate = protected.run(apply(CONFIG_MAP))
    assert isinstance(gate.error, GateError)
    protected.ok("_kp.apply()")
    assert protected.ok("%kget cm cm -o jsonpath={.data.mode}").value == "two"
    with pytest.raises(GateError):
        plan.apply()


def test_R3_a_plan_is_void_when_the_object_moved(protected: Notebook, cluster: ExternalCluster) -> None:
    protected.ok(apply(CONFIG_MAP.replace("one", "two")))
    protected.unprotect()
    client = protected.session.place.client
    resource = client.resource("cm", protected.session.target.namespace)
    protected.session.runtime.run(resource.patch("cm", {"data": {"mode": "three"}}))
    protected.protect()
    ran = protected.run("_kp.apply()")
    assert isinstance(ran.error, GateError)
    assert "changed since" in str(ran.error)
    protected.ok("_kp.discard()")


def test_R6_nobody_there_means_nothing_is_sent(protected: Notebook) -> None:
    protected.session.headless = lambda: True
    ran = protected.run(apply(CONFIG_MAP.replace("one", "two")))
    assert isinstance(ran.error, ProtectedError)
    assert "~ data.mode: one → two" in ran.text
    assert protected.ok("%kget cm cm -o jsonpath={.data.mode}").value == "one"


def test_R7_a_read_only_target_refuses_before_reading_the_manifest(protected: Notebook) -> None:
    protected.protect("--readonly")
    ran = protected.run(apply(CONFIG_MAP))
    assert isinstance(ran.error, ProtectedError)
    assert "readonly" in ran.text
    protected.ok("%kget cm")


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        pytest.param("name", ["configmap/a"], id="name"),
        pytest.param("jsonpath={.data.x}", "one", id="jsonpath"),
        pytest.param("jsonpath={.metadata.managedFields}", [], id="without managed fields"),
    ],
)
def test_the_objects_instead_of_the_card(online: Notebook, asked: str, value: object) -> None:
    ran = online.ok(
        f"%%kapply r << -o {asked}\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{x: one}}"
    )
    assert online.shell.user_ns["r"] == value
    assert "created" not in ran.text


def test_yaml_of_what_would_be_applied_is_as_kubectl_prints_it(online: Notebook) -> None:
    two = "".join(f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n" for name in "ab")
    text = online.ok(f"%%kapply -o yaml --dry-run=server\n{two}").value
    listed = yaml.safe_load(text)
    assert (listed["kind"], [each["metadata"]["name"] for each in listed["items"]]) == ("List", ["a", "b"])
    assert all(each["metadata"]["uid"] for each in listed["items"])
    assert len(online.ok("%kget cm a b --ignore-not-found").value) == 0


def test_what_failed_is_shown_whatever_was_asked_for(online: Notebook) -> None:
    bad = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndata: {'no key!': x}\n"
    good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n"
    text = online.fails(f"%%kapply -o name\n{good}---\n{bad}")
    assert "configmap/good created" in text
    assert isinstance(online.run(f"%%kapply -o wide\n{good}").error, UsageError)


def test_text_in_which_a_value_is_masked_is_never_stored(online: Notebook) -> None:
    online.ok('%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: shown}\ndata: {password: abc, other: "1"}')
    shown = str(online.ok("%kget cm shown -o yaml").value)
    found = re.search("‹masked[^›]*›", shown)
    assert found
    for magic in ("kapply", "kreplace", "kcreate", "kdiff"):
        said = online.fails(f"%%{magic}\n{shown}")
        assert re.search(r"line \d+ holds ‹masked …›, which stands for a hidden value", said), magic
        assert "take the object from Python" in said
    online.ok("import kmagic\nclient = kmagic.Client()")
    body = {"metadata": {"name": "made"}, "data": {"a": found[0]}}
    for line in (
        f'%kpatch cm shown -p \'{{"data": {{"password": "{found[0]}"}}}}\'',
        f"%kcreate cm made --from-literal='a={found[0]}'",
        f"client.core_v1.configmaps({online.session.target.namespace!r}).create({body!r})",
    ):
        assert "stands for a hidden value" in online.fails(line), line
    kept = f"client.core_v1.configmaps({online.session.target.namespace!r})"
    assert online.ok(f"{kept}.get('shown').data").value == {"password": "abc", "other": "1"}
    assert online.ok(f"{kept}.get_or_none('made')").value is None
    online.ok("client.close()")
    # What is only named may be read from such a text.
    online.ok(f"%%kdelete\n{shown}")
