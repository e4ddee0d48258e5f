"""Loading, unloading, and how a magic's text, result and error meet the notebook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from kmagic.errors import ConnectError, ProtectedError, UsageError
from kmagic.magics import extension
from kmagic.magics.language.registry import VERBS
from tests.magics.conftest import KUBECONFIG, PROTECTED, Notebook


def magics_of(shell: InteractiveShell) -> set[str]:
    return {name for kind in shell.magics_manager.magics.values() for name in kind if name in MAGICS}


MAGICS = {verb.magic for verb in VERBS.values()} | {"kubectl"}


def test_R16_loading_registers_and_sends_nothing(offline: Notebook) -> None:
    assert magics_of(offline.shell) == MAGICS
    assert not any(thread.name.startswith("kmagic") for thread in threading.enumerate())


def test_loading_prints_one_line_with_the_target_and_its_protection(at: Any, tmp_path: Any) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG.replace("current-context: kind-dev", "current-context: acme-prod"))
    notebook = at(path)
    text = notebook.ok("%reload_ext kmagic").text.strip()
    assert text.startswith("kmagic ")
    assert "acme-prod ▸ default · protected" in text
    assert "\n" not in text


def test_loading_without_a_kubeconfig_says_what_to_do(at: Any, tmp_path: Any) -> None:
    notebook = at(tmp_path / "missing")
    assert "%ksandbox start" in notebook.ok("%reload_ext kmagic").text
    card = notebook.fails("%kget pods")
    assert "%ksandbox start" in card


def test_unloading_leaves_no_magic_and_no_matcher(offline: Notebook) -> None:
    before = list(offline.shell.Completer.custom_matchers)
    offline.ok("%reload_ext kmagic")
    assert len(offline.shell.Completer.custom_matchers) == len(before)
    offline.ok("%unload_ext kmagic")
    assert magics_of(offline.shell) == set()
    assert len(offline.shell.Completer.custom_matchers) == len(before) - 1


def test_a_client_made_beside_the_magics_is_as_guarded_as_they_are(online: Notebook) -> None:
    online.ok(f"import kmagic; NS = {online.session.target.namespace!r}")
    create = 'client.core_v1.configmaps(NS).create({"metadata": {"name": "beside"}}, dry_run=DRY)'
    online.ok(f"client = kmagic.Client(context={PROTECTED!r})")
    online.ok("assert client.core_v1.namespaces.list()")
    refused = online.run(create.replace("DRY", "False"))
    assert isinstance(refused.error, ProtectedError)
    assert "guard=False" in refused.text
    online.ok(create.replace("DRY", "True"))
    online.ok("client.close()")
    online.ok(f"client = kmagic.Client(context={PROTECTED!r}, guard=False)")
    online.ok(create.replace("DRY", "False"))
    online.ok("client.close()")


def test_a_client_of_a_context_made_read_only_since_is_read_only(online: Notebook) -> None:
    online.ok(f"import kmagic; NS = {online.session.target.namespace!r}")
    online.ok(f"client = kmagic.Client(context={PROTECTED!r})")
    online.protect("--readonly")
    refused = online.run('client.core_v1.configmaps(NS).create({"metadata": {"name": "beside"}})')
    assert isinstance(refused.error, ProtectedError)
    assert "read-only" in refused.text
    online.ok("client.close()")


def test_without_the_magics_a_client_has_no_guard(online: Notebook) -> None:
    online.ok(f"import kmagic; NS = {online.session.target.namespace!r}\n%unload_ext kmagic")
    online.ok(f"client = kmagic.Client(context={PROTECTED!r})")
    online.ok('client.core_v1.configmaps(NS).create({"metadata": {"name": "beside"}})')
    online.ok("client.close()\n%load_ext kmagic")


def test_a_mistake_is_a_card_and_still_an_error(offline: Notebook) -> None:
    ran = offline.run("%kget pods --namspace x")
    assert isinstance(ran.error, UsageError)
    assert "did you mean --namespace?" in ran.text
    assert "Traceback" not in ran.text
    caret = next(line for line in ran.text.splitlines() if "^~" in line)
    shown = next(line for line in ran.text.splitlines() if "%kget pods --namspace" in line)
    assert shown[caret.index("^") :].startswith("--namspace")


def test_an_unreachable_server_is_one_card_that_says_where(offline: Notebook) -> None:
    ran = offline.run("%kget pods")
    assert isinstance(ran.error, ConnectError)
    assert "127.0.0.1:1" in ran.text
    assert "kind-dev ▸ shop · free" in ran.text
    assert "t0ken" not in ran.text


def test_a_result_goes_to_the_variable_the_line_names(offline: Notebook) -> None:
    offline.ok("%khelp get --to text")
    assert "Lists objects" in str(offline.shell.user_ns["text"])


def test_the_last_result_is_kept(offline: Notebook) -> None:
    offline.ok("%khelp")
    assert "%kget" in str(offline.shell.user_ns["_k"])


@pytest.mark.parametrize("source", ["%kget -h", "%kget --help", "%kubectl get -h", "%khelp get"])
def test_help_is_the_tables(offline: Notebook, source: str) -> None:
    assert VERBS["get"].summary in offline.ok(source).text


def test_the_magics_docstring_is_its_help(offline: Notebook) -> None:
    found = offline.shell.find_line_magic("kget")
    assert found is not None
    assert "%kget pods" in (found.__doc__ or "")


def test_an_expression_sees_the_notebook_and_the_function_it_is_in(offline: Notebook) -> None:
    offline.ok("verb = 'get'")
    assert "Lists objects" in offline.ok("%khelp {{verb}}").text
    ran = offline.ok("def f(inner):\n    x = %khelp {{inner}}\n    return x\nf('delete')")
    assert "Deletes objects" in str(ran.value)


def test_completion_offers_types_and_claims_manifests(offline: Notebook) -> None:
    def texts(code: str) -> list[str]:
        with provisionalcompleter():
            return [item.text for item in offline.shell.Completer.completions(code, len(code))]

    assert texts("x = %kget depl") == ["deployments"]
    assert texts("%%kapply\nki") == ["kind"]
    assert "restartPolicy" in texts("%%kapply\napiVersion: v1\nkind: Pod\nspec:\n  rest")
    assert "%%kapply\nzzz"[-3:] in texts("%%kapply\nzzz")


def test_R16_loading_is_quick_and_imports_no_pandas() -> None:
    code = (
        "import sys, time\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell()\n"
        "shell.run_line_magic('load_ext', 'kmagic')\n"
        "heavy = [m for m in ('pandas', 'starlette', 'uvicorn', 'kmagic.models.core_v1') if m in sys.modules]\n"
        "print('heavy:', heavy)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "heavy: []" in done.stdout


def test_a_shell_without_a_kernel_is_headless(shell: InteractiveShell) -> None:
    assert extension.is_headless(shell)


def test_loading_imports_nothing_that_only_a_request_needs(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(KUBECONFIG)
    code = (
        "import sys, json\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_line_magic('load_ext', 'kmagic')\n"
        "sys.stderr.write(json.dumps(sorted(sys.modules)))\n"
    )
    env = {**os.environ, "KUBECONFIG": str(kubeconfig), "IPYTHONDIR": str(tmp_path / "ipython")}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert "kind-dev ▸ shop" in ran.stdout
    modules = set(json.loads(ran.stderr))
    heavy = {"httpx", "anyio", "anywidget", "ipywidgets", "pandas", "starlette"}
    ours = {"kmagic.models.core_v1", "kmagic.client.client", "kmagic.sandbox.host.process", "kmagic.widgets.live_table"}
    assert not modules & (heavy | ours)


def test_a_newcomer_without_a_kubeconfig_is_invited(shell: InteractiveShell, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "missing"))
    notebook = Notebook(shell)
    first = notebook.ok("%load_ext kmagic").text
    assert "%ksandbox start gives you a cluster of your own" in first
    assert "invalid" not in first
    for line in ("%kget pods", "%kctx", "%kns"):
        card = notebook.fails(line)
        assert "this notebook has no cluster yet" in card
        assert "%ksandbox start" in card
        assert "missing" in card  # where it looked


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        pytest.param("%kgett pods", "Did you mean %kget?", id="line"),
        pytest.param("%get pods", "Did you mean %kget?", id="without the k"),
        pytest.param("%%kaply\nkind: Pod", "Did you mean %%kapply?", id="cell"),
        pytest.param("%kubctl get pods", "Did you mean %kubectl?", id="kubectl"),
    ],
)
def test_a_misspelt_magic_is_answered_with_the_one_meant(offline: Notebook, cell: str, meant: str) -> None:
    ran = offline.run(cell)
    assert ran.error is not None
    assert f"not found. {meant}" in ran.text


def test_other_magics_that_do_not_exist_are_left_to_ipython(offline: Notebook) -> None:
    assert "Did you mean" not in offline.run("%matplotlb inline").text
