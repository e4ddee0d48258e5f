"""The roles that are there from the start, by what they allow."""

from typing import Any

import pytest

from kmagic.sandbox.access.authentication import ANONYMOUS, User
from kmagic.sandbox.access.authorization import Attributes, Authorizer
from kmagic.sandbox.access.roles import VIEWERS

VIEWER = User("v", (VIEWERS, "system:authenticated"))
SOMEBODY = User("s", ("system:authenticated",))
ADMIN = User("a", ("system:masters",))


@pytest.mark.parametrize(
    ("user", "wanted", "allowed"),
    [
        (VIEWER, Attributes("list", resource="pods"), True),
        (VIEWER, Attributes("get", resource="pods", subresource="log", namespace="a"), True),
        (VIEWER, Attributes("get", resource="secrets", namespace="a"), False),
        (VIEWER, Attributes("delete", resource="pods", namespace="a"), False),
        (SOMEBODY, Attributes("get", path="/api"), True),
        (SOMEBODY, Attributes("get", path="/openapi/v3/api/v1"), True),
        (SOMEBODY, Attributes("create", "authorization.k8s.io", "selfsubjectaccessreviews"), True),
        (SOMEBODY, Attributes("list", resource="pods"), False),
        (ANONYMOUS, Attributes("get", path="/version"), True),
        (ANONYMOUS, Attributes("get", path="/api"), False),
        (ADMIN, Attributes("anything", resource="secrets"), True),
    ],
)
def test_what_a_user_may_do(still: Any, user: Any, wanted: Any, allowed: Any) -> None:
    assert Authorizer(still.store).allows(user, wanted) is allowed
