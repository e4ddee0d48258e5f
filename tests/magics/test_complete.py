"""Completion: what is offered where, and that a place of ours is never left to Python's completion."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from kmagic.magics.complete import complete


class Remembered:
    """A session that has seen a little."""

    def types(self) -> Iterable[str]:
        return ("pods", "deployments", "poddisruptionbudgets")

    def names(self, resource: str, namespace: str) -> Iterable[str]:
        return {("pods", ""): ("web-0", "web-1", "db-0"), ("pods", "shop"): ("cart-0",)}.get((resource, namespace), ())

    def labels(self, resource: str, namespace: str) -> Iterable[str]:
        return ("app=db", "app=web", "tier=front") if resource in ("pods", "po") else ()

    def containers(self, what: str, namespace: str) -> Iterable[str]:
        return {"web-0": ("main", "side"), "deploy/web": ("main",)}.get(what, ())

    def values(self, body: str) -> Iterable[str]:
        return ("ClusterIP", "LoadBalancer") if body.split("\n")[-1].startswith("  type: ") else ()

    def namespaces(self) -> Iterable[str]:
        return ("default", "shop", "staging")

    def contexts(self) -> Iterable[str]:
        return ("kind-dev", "acme-prod")

    def fields(self, body: str) -> Iterable[str]:
        return ("replicas", "selector") if body.rstrip().endswith("rep") else ()

    def paths(self, path: str) -> Iterable[str]:
        return ("po.spec.containers", "po.spec.nodeName") if path.startswith("po.spec.") else ()


class Elsewhere(Remembered):
    """Another context."""

    def names(self, resource: str, namespace: str) -> Iterable[str]:
        return ("far-0",)


def offered(text: str) -> list[str] | None:
    found = complete(text, lambda context: Elsewhere() if context else Remembered())
    return None if found is None else [item.text for item in found.items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("%kget ", ["pods", "deployments", "poddisruptionbudgets"], id="types, in the session's order"),
        pytest.param("%kget po", ["pods", "poddisruptionbudgets"], id="types that begin so"),
        pytest.param("%kget deployments,po", ["pods", "poddisruptionbudgets"], id="after a comma"),
        pytest.param("%kget pods web", ["web-0", "web-1"], id="names"),
        pytest.param("%kget pods -n shop ", ["cart-0"], id="names of the namespace given"),
        pytest.param("%kget -nshop pods ", ["cart-0"], id="the namespace joined to its letter"),
        pytest.param("%kget pods/d", ["pods/db-0"], id="type/name"),
        pytest.param("%kget pods -n s", ["shop", "staging"], id="namespaces"),
        pytest.param(
            "%kget pods --namespace=s", ["--namespace=shop", "--namespace=staging"], id="after an equals sign"
        ),
        pytest.param("%kget pods --context ", ["kind-dev", "acme-prod"], id="contexts"),
        pytest.param("%kget pods -o w", ["wide"], id="outputs"),
        pytest.param("%kget pods --show", ["--show-labels", "--show-kind", "--show-managed-fields"], id="flags"),
        pytest.param("%kdelete x --dry-run=c", ["--dry-run=client"], id="choices"),
        pytest.param("x = %kget po", ["pods", "poddisruptionbudgets"], id="assigned"),
        pytest.param("for n in ns:\n    %kget po", ["pods", "poddisruptionbudgets"], id="indented, after other lines"),
        pytest.param("%%kapply -n s", ["shop", "staging"], id="first line of a cell magic"),
        pytest.param("%%kapply\n#| -n s", ["shop", "staging"], id="an option line of a cell"),
        pytest.param("%%kapply\nspec:\n  rep", ["replicas"], id="a manifest's keys"),
        pytest.param("%kexplain po", ["pods", "poddisruptionbudgets"], id="a type to explain"),
        pytest.param("x = %kexplain po.spec.con", ["po.spec.containers"], id="a field to explain"),
        pytest.param("%kctx a", ["acme-prod"], id="a context as argument"),
        pytest.param("%kns s", ["shop", "staging"], id="a namespace as argument"),
        pytest.param("%ksandbox sta", ["start", "status"], id="an action"),
        pytest.param("%kforward web", ["web-0", "web-1"], id="a Pod"),
        pytest.param("%kforward -n shop pods/", ["pods/cart-0"], id="type/name where a Pod stands"),
        pytest.param("%kget pods -l app=", ["app=db", "app=web"], id="labels"),
        pytest.param("%kget pods --selector=ti", ["--selector=tier=front"], id="labels after an equals sign"),
        pytest.param("%kget po -l app=web,ti", ["tier=front"], id="a label after a comma"),
        pytest.param("%klogs -l app=w", ["app=web"], id="labels of Pods"),
        pytest.param("%klogs web-0 ", ["main", "side"], id="a Pod's containers"),
        pytest.param("%kexec web-0 -c s", ["side"], id="containers as a flag's value"),
        pytest.param("%klogs deploy/web --container=", ["--container=main"], id="containers of a workload"),
        pytest.param("%kevents --for po", ["pods/", "poddisruptionbudgets/"], id="the type of an object"),
        pytest.param("%kevents --for pods/d", ["pods/db-0"], id="the name of an object"),
        pytest.param("%kget pods --context far ", ["far-0"], id="another context"),
        pytest.param("%kget --context=far pods/", ["pods/far-0"], id="another context, joined"),
        pytest.param("%%kapply\nspec:\n  type: L", ["LoadBalancer"], id="a value"),
        pytest.param("%kexec web-0 -- po", ["po"], id="a container's command is not ours"),
        pytest.param("%kubectl ge", ["get"], id="a verb of kubectl"),
        pytest.param("%kubectl get po", ["pods", "poddisruptionbudgets"], id="as kubectl"),
    ],
)
def test_what_is_offered(text: str, expected: list[str]) -> None:
    assert offered(text) == expected


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        pytest.param("%kget zzz", "zzz", id="no such type"),
        pytest.param("%kget pods -l zz", "zz", id="a value nobody knows"),
        pytest.param("%kexplain foos.sp", "foos.sp", id="a field of a type never explained"),
        pytest.param("%%kapply\nki", "ki", id="a manifest, before anything is known"),
        pytest.param("%%kapply\n", "", id="an empty line of a manifest"),
        pytest.param("%kubectl frob x", "x", id="an unknown verb"),
    ],
)
def test_a_place_of_ours_is_claimed_with_what_is_written(text: str, fragment: str) -> None:
    assert offered(text) == [fragment]


@pytest.mark.parametrize(
    "text", ["impo", "%ti", "%kge", "x = pods.na", "%killbgscripts ", "%%time\n%kge", "%%bash\nkubectl g"]
)
def test_other_places_are_left_alone(text: str) -> None:
    assert offered(text) is None
