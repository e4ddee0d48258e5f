"""The parts that answer share one store."""

from kmagic.sandbox.access.authentication import User
from kmagic.sandbox.access.authorization import Attributes
from kmagic.sandbox.cluster import Cluster
from kmagic.sandbox.host.seed import seed


def test_what_one_part_writes_another_reads() -> None:
    cluster = Cluster({"t": User("x", ("system:authenticated",))})
    seed(cluster.client, 0)
    api = cluster.api
    user = api.authenticator.authenticate("Bearer t")
    assert api.authorizer.allows(user, Attributes("get", path="/version"))
    assert not api.authorizer.allows(user, Attributes("list", resource="pods"))
    assert api.catalog.find("", "v1", "pods") is not None
    assert set(api.reviews) >= {"tokenreviews.authentication.k8s.io", "selfsubjectreviews.authentication.k8s.io"}
