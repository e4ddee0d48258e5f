"""%kwatch: rows that follow, and first lists that fail."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import ForbiddenError, NoMatchError, NotFoundError, UsageError, WaitError
from kmagic.magics.work.live import KWatch
from tests.cluster.fixture import Cluster, ExternalCluster
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy

CONFIG_MAP = "%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, labels: {app: APP}}\ndata: {}"


def config_map(name: str, app: str = "web") -> str:
    return CONFIG_MAP.replace("NAME", name).replace("APP", app)


def test_rows_come_change_and_go(online: Notebook) -> None:
    online.ok(config_map("a"))
    view = online.ok("live = %kwatch cm -l app=web\nlive").value
    assert isinstance(view, KWatch)
    assert view.names == ["a"]
    assert view.state == "live"
    online.ok(config_map("b"))
    view.until(lambda rows: [row.name for row in rows] == ["a", "b"], timeout=60)
    online.ok(config_map("a", app="db"))
    view.until(lambda rows: [row.name for row in rows] == ["b"], timeout=60)
    online.ok("%kdelete cm b")
    assert "No resources found" in online.ok("live.until(lambda rows: not rows, timeout=60)").text
    view.stop()
    assert view.state == "stopped"


def test_a_view_outlives_its_server(at: Any, private_cluster: Cluster) -> None:
    notebook: Notebook = at(private_cluster.kubeconfig)
    notebook.ok(config_map("a"))
    view = notebook.ok("live = %kwatch cm -l app=web\nlive").value
    private_cluster.apiserver.kill()
    view.until(lambda _: view.state != "live", timeout=60)
    assert view.names == ["a"]
    private_cluster.apiserver.start()
    notebook.ok(config_map("b"))
    notebook.ok("%kdelete cm a")
    view.until(lambda rows: [row.name for row in rows] == ["b"] and view.state == "live", timeout=60)
    server = private_cluster.kubectl("get", "cm", "-l", "app=web", "-o", "name").split()
    assert [f"configmap/{name}" for name in view.names] == server


def test_the_view_is_a_table_of_python_values(online: Notebook) -> None:
    online.ok(config_map("a"))
    view = online.ok("live = %kwatch cm -l app=web\nlive").value
    assert view.rows[0].data == 0
    assert list(view.df["name"]) == ["a"]
    assert len(view) == 1
    with pytest.raises(AttributeError, match="there are: ns, name, data"):
        _ = view.rows[0].phase


def test_waiting_in_vain_shows_the_last_rows(online: Notebook) -> None:
    online.ok(config_map("a"))
    online.ok("live = %kwatch cm -l app=web")
    ran = online.run("live.until(lambda rows: not rows, timeout=0.2)")
    assert isinstance(ran.error, WaitError)
    assert "a " in ran.error.hint


def test_without_a_front_end_it_is_a_static_table(online: Notebook) -> None:
    online.ok(config_map("a"))
    ran = online.ok("%kwatch cm -l app=web")
    assert "<table>" in ran.html
    assert not any("application/vnd.jupyter.widget-view+json" in bundle for bundle in ran.bundles)


def test_one_name_is_followed(online: Notebook) -> None:
    online.ok(config_map("a"))
    online.ok(config_map("b"))
    assert online.ok("live = %kwatch cm b\nlive").value.names == ["b"]


def test_reloading_leaves_no_watch(online: Notebook) -> None:
    view = online.ok("live = %kwatch cm\nlive").value
    namespace = online.session.target.namespace
    online.ok("%unload_ext kmagic")
    assert view.state == "stopped"
    online.ok("%load_ext kmagic")
    online.ok(f"%kns {namespace}")


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%kwatch podz", NoMatchError, "did you mean", id="unknown type"),
        pytest.param("%kwatch cm -n nope-nope", NotFoundError, "does not exist", id="unknown namespace"),
        pytest.param("%kwatch cm a b", UsageError, "one name or all", id="two names"),
        pytest.param("%kwatch", UsageError, "which type", id="nothing"),
    ],
)
def test_a_mistake_is_one_card(online: Notebook, line: str, kind: type[Exception], says: str) -> None:
    ran = online.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text
    assert "Traceback" not in ran.text


def test_one_forbidden_type_of_several_leaves_the_others(at: Any, cluster: ExternalCluster) -> None:
    notebook = at(cluster.readonly_kubeconfig)
    view = notebook.ok("view = %kwatch pods,secrets\nview").value
    assert "secrets" in view.unread
    assert "forbidden" in view.unread["secrets"].lower()
    text = view.snapshot()["text/plain"]
    assert "Secrets: secrets is forbidden" in text
    assert "forbidden" in view.snapshot()["text/html"]
    view.stop()


def test_a_live_view_can_begin_with_all_columns(online: Notebook) -> None:
    deploy(online, replicas=1)
    narrow = online.ok("view = %kwatch deploy\nview").text
    wide = online.ok("%kget deploy -w -o wide").text
    assert "SELECTOR" not in narrow
    assert "SELECTOR" in wide
    assert "SELECTOR" in online.ok("%kwatch deploy -o wide").text


@pytest.mark.timeout(20)  # it does not wait for a first list that cannot come
def test_a_forbidden_type_fails_at_once(at: Any, cluster: ExternalCluster) -> None:
    notebook = at(cluster.readonly_kubeconfig)
    assert isinstance(notebook.run("%kwatch secrets").error, ForbiddenError)


def test_rows_stand_in_groups_where_it_is_asked_for(online: Notebook) -> None:
    online.ok(config_map("a"))
    online.ok("%krun grouped --image=nginx:1.27 --labels app=grouped")
    view = online.ok("live = %kwatch pods -l app=grouped --group-by owner\nlive").value
    lines = view.snapshot()["text/plain"].splitlines()
    assert [line.split()[0] for line in lines] == ["NAME", "no", "grouped"]
    assert lines[1] == "no owner (1 row, 1 broken)" or lines[1] == "no owner (1 row)"  # it may be starting
    refused = online.run("%kwatch cm --group-by node")
    assert isinstance(refused.error, UsageError)
    assert "configmaps cannot be grouped by node, but by owner" in str(refused.error)
    both = online.ok("both = %kwatch cm,pods -l app=grouped --group-by node\nboth")
    assert both.value.names == ["grouped"]


def test_pods_of_a_workload_are_grouped_by_their_controller(online: Notebook) -> None:
    deploy(online)
    view = online.ok("live = %kwatch pods -l app=web --group-by owner\nlive").value
    view.until(lambda rows: len(rows) > 0, timeout=60)
    (owner,) = {each["metadata"]["ownerReferences"][0]["name"] for each in view.objects}
    assert f"ReplicaSet/{owner} (" in view.snapshot()["text/plain"]
