"""Equal views share a feed; views of another user, namespace or selection do not."""

from __future__ import annotations

from typing import Any

from kmagic.config.loader import load_config
from kmagic.magics.session.caches import Caches
from kmagic.magics.session.place import Opened, Place
from kmagic.rest.resource import APIResource
from kmagic.safety.readonly import ReadOnlyContexts
from kmagic.sync.runtime import Runtime
from tests.magics.conftest import KUBECONFIG

PODS = APIResource("", "v1", "pods", "Pod", True)
NODES = APIResource("", "v1", "nodes", "Node", False)
MAPS = APIResource("", "v1", "configmaps", "ConfigMap", True)


def test_equal_selections_of_one_user_share_a_feed(tmp_path: Any) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG)

    def place_at(context: str, namespace: str = "") -> Place:
        return Opened(load_config(path, context), None, ReadOnlyContexts()).place(namespace)

    # Where the notebook is has nothing to do with what is followed.
    place, again, other = place_at("kind-dev"), place_at("kind-dev", "other"), place_at("acme-prod")
    caches, runtime = Caches(), Runtime("test-loop")

    def feed(at: Place, *what: Any, **selected: str) -> object:
        return caches.feed(at, *what, **selected, runtime=runtime)

    pods = feed(place, PODS, "shop")
    # What has no namespace is the same from everywhere.
    assert feed(place, NODES, "shop") is feed(place, NODES, "other") is feed(place, NODES, None)
    assert feed(again, PODS, "shop") is pods
    different = [
        feed(other, PODS, "shop"),
        feed(place, MAPS, "shop"),
        feed(place, PODS, None),
        feed(place, PODS, "shop", labels="app=web"),
        feed(place, PODS, "shop", fields="metadata.name=web"),
    ]
    assert len({id(each) for each in (pods, *different)}) == 6
