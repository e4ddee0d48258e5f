"""Loading and unloading: what is registered with a shell, and what that costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from kmagic.errors import ProtectedError
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


def test_the_magics_docstring_is_its_help(offline: Notebook) -> None:
    found = offline.shell.find_line_magic("kget")
    assert found is not None
    assert "%kget pods" in (found.__doc__ or "")


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


# What registering the magics and reading a kubeconfig need. What runs, completes, shows or explains something is
# imported by the first cell that does: not here.
LOADED = (
    *("_lazy", "_version", "errors", "api", "client", "client.guarding", "config", "magics", "safety"),
    *("api.base64_text", "api.codec", "api.door", "api.meta", "api.names", "api.secrecy", "api.times", "api.types"),
    *("api.words", "api.yaml_reader", "api.yaml_scalars"),
    *("config.client_config", "config.fields", "config.in_cluster", "config.kubeconfig", "config.loader"),
    *("config.overrides", "config.resolve", "config.validation"),
    *("magics.extension", "magics.language", "magics.language.flags", "magics.language.registry"),
    *("magics.language.verb", "magics.results", "magics.results.saved", "magics.session", "magics.session.asked"),
    *(
        "magics.session.caches",
        "magics.session.cells",
        "magics.session.heard",
        "magics.session.place",
        "magics.session.seen_names",
        "magics.session.session",
    ),
    *("magics.value_hook", "safety.policy", "safety.readonly", "safety.target"),
)


def test_loading_imports_nothing_that_only_a_cell_needs(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(KUBECONFIG)
    code = (
        "import sys, json\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "before = set(sys.modules)\n"
        "shell.run_line_magic('load_ext', 'kmagic')\n"
        "sys.stderr.write(json.dumps(sorted(set(sys.modules) - before)))\n"
    )
    env = {**os.environ, "KUBECONFIG": str(kubeconfig), "IPYTHONDIR": str(tmp_path / "ipython")}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert "kind-dev ▸ shop" in ran.stdout
    modules = set(json.loads(ran.stderr))
    # The rows of verbs are read for their names and their help.
    ours = {name.removeprefix("kmagic.") for name in modules if name.startswith("kmagic.")}
    assert {name for name in ours if not name.startswith("magics.language.table")} <= set(LOADED)
    others = {name.partition(".")[0] for name in modules} - set(sys.stdlib_module_names)
    known = {"kmagic", "IPython", "msgspec", "yaml", "typing_extensions"}
    assert {name for name in others if "cython" not in name} <= known
    assert not modules & {"csv", "difflib", "html", "http", "sysconfig"}


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
