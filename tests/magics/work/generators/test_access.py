"""Roles and bindings."""

from __future__ import annotations

import pytest

from kmagic.magics.work.generators.access import binding, check_special, check_urls, role
from kmagic.magics.work.generators.parts import GeneratorError


def test_a_rule_a_group_in_order() -> None:
    rules = role("Role", "r", ["get"], {"b": ["x"], "": ["pods"]}, names=["n", "n"])["rules"]
    assert [rule["apiGroups"] for rule in rules] == [[""], ["b"]]
    assert rules[0]["resourceNames"] == ["n"]


def test_verbs_for_some_types_only() -> None:
    assert check_special(["impersonate"], "", "users")
    assert not check_special(["get"], "", "pods")
    with pytest.raises(GeneratorError, match="can not perform 'bind' on 'pods'"):
        check_special(["bind"], "", "pods")


@pytest.mark.parametrize(("verb", "url"), [("watch", "/a"), ("get", "a"), ("get", "/a*b")])
def test_urls_that_no_rule_can_have(verb: str, url: str) -> None:
    with pytest.raises(GeneratorError):
        check_urls([verb], [url])


def test_an_account_has_a_namespace() -> None:
    with pytest.raises(GeneratorError, match="<namespace>:<name>"):
        binding("RoleBinding", "b", ("Role", "r"), accounts=["robot"])
