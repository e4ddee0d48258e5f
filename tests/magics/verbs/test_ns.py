"""%kns: namespaces, local to the notebook."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_switching_and_returning(online: Notebook) -> None:
    own = online.session.target.namespace
    assert f"{own} → default" in online.ok("%kns default").text
    assert f"default → {own}" in online.ok("%kns -").text


def test_listing(online: Notebook) -> None:
    found = online.ok("%kns").value
    assert online.session.target.namespace in found.names
    assert "default" in online.session.memory.namespaces()


def test_a_namespace_that_does_not_exist_is_refused_with_close_names(online: Notebook) -> None:
    own = online.session.target.namespace
    text = online.fails("%kns defaul")
    assert 'namespace "defaul" does not exist' in text
    assert "did you mean default?" in text
    assert online.session.target.namespace == own
    online.ok("%kns defaul --force")
    assert online.session.target.namespace == "defaul"
    online.ok("%kns -")


def test_mistakes(online: Notebook) -> None:
    assert "one namespace at a time" in online.fails("%kns a b")
