"""The committed snapshot of the stable APIs."""

from __future__ import annotations

from kmagic.codegen.snapshot import load
from kmagic.sandbox.schema.snapshot import DATA


def test_it_has_every_stable_group_version() -> None:
    versions = {(resource.group, resource.version) for resource in load().resources}
    assert {
        ("", "v1"),
        ("apps", "v1"),
        ("autoscaling", "v1"),
        ("autoscaling", "v2"),
        ("resource.k8s.io", "v1"),
    } <= versions
    assert not any("alpha" in version or "beta" in version for _, version in versions)


def test_resources_are_as_discovery_tells_them() -> None:
    (pods,) = [r for r in load().resources if (r.group, r.resource) == ("", "pods")]
    assert (pods.kind, pods.namespaced, pods.short_names, pods.categories) == ("Pod", True, ("po",), ("all",))
    assert {"get", "list", "watch", "patch"} <= set(pods.verbs)
    assert {"log", "exec", "status", "eviction"} <= set(pods.subresources)


def test_packages_say_which_module_a_schema_lives_in() -> None:
    found = load()
    assert found.package_of("io.k8s.api.rbac.v1.Role") == ("rbac", "v1")
    assert found.package_of("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") == ("meta", "v1")
    assert found.package_of("io.k8s.apimachinery.pkg.util.intstr.IntOrString") is None


def test_it_is_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 1_000_000
