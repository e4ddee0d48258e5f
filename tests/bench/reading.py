"""What `%kget` costs beside the kubectl process: `python -m tests.bench.reading KUBECONFIG [--rounds N] [--only FORM]`.

Every measurement is a kernel of its own that has been asked something before, as a notebook has; what is shown goes to
a file on both sides. `make bench` runs it on its own control plane, where half of the Pods are in one namespace.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from tests.bench.load import BIG
from tests.cluster.controlplane import ensure

__all__ = ("FORMS", "measure", "render")

Result = dict[str, float]

# What is read, and our time over kubectl's, at most.
FORMS = {
    "get pods -A": 0.3,
    "get pods -A -o wide": 0.3,
    "get pods -A --show-labels": 0.3,
    f"get pods -n {BIG}": 0.1,
    "get pods -A -o name": 0.4,
    "get pods -A -o jsonpath={.items[*].metadata.name}": 0.4,
    "get pods -A -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName": 0.4,
    "get pods -A -o json": 0.7,
    "get pods -A -o yaml": 0.8,
}
# Megabytes that `%kget pods -A` may take at its peak over a kernel that does nothing.
PEAK = 100


def _peak() -> float:
    """The most megabytes this process had since `_forget_peak`."""
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _kernel(kubeconfig: str, line: str) -> Result:
    """Runs one line in a shell with the extension, as a cell, and tells what it took."""
    os.environ["KUBECONFIG"] = kubeconfig
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    with tempfile.TemporaryFile("w") as shown, contextlib.redirect_stdout(shown):
        shell.run_cell("%load_ext kmagic")
        for warm in (
            "pods -n default",
            "pods -n default -o name",
            "pods -n default -o json",
            "pods -n default -o yaml",
        ):
            shell.run_cell(f"%kget {warm}")
        idle = psutil.Process().memory_info().rss / 2**20
        _forget_peak()
        cpu, begun = time.process_time(), time.perf_counter()
        done = shell.run_cell(f"%k{line}")
        result = {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu, "peak": _peak() - idle}
        done.raise_error()
        result["kept"] = psutil.Process().memory_info().rss / 2**20 - idle
        shell.run_cell("%unload_ext kmagic")
    return result


def _kubectl(kubectl: Path, kubeconfig: str, line: str) -> Result:
    with tempfile.TemporaryFile() as shown:
        begun = time.perf_counter()
        subprocess.run([kubectl, "--kubeconfig", kubeconfig, *line.split()], stdout=shown, check=True)
        return {"seconds": time.perf_counter() - begun}


def measure(kubeconfig: str, rounds: int, only: str = "") -> dict[str, dict[str, list[Result]]]:
    """Form -> side -> results, the two sides in turn."""
    kubectl = ensure().part("kubectl")
    results: dict[str, dict[str, list[Result]]] = {}
    for form in FORMS:
        if only not in form:
            continue
        sides: dict[str, list[Result]] = {"kmagic": [], "kubectl": []}
        for _ in range(rounds):
            sides["kubectl"].append(_kubectl(kubectl, kubeconfig, form))
            command = [sys.executable, "-m", "tests.bench.reading", kubeconfig, "--kernel", form]
            answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
            sides["kmagic"].append(json.loads(answer.stdout.splitlines()[-1]))
        results[form] = sides
        print(_row(form, sides), flush=True)
    return results


def render(results: dict[str, dict[str, list[Result]]]) -> str:
    """The results as a part of RESULTS.md."""
    head = [
        "## Reading, beside the kubectl process",
        "",
        "| line | ours, s | kubectl, s | ratio | promised | holds | ours, CPU s | peak MB over idle | kept MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(form, sides) for form, sides in results.items()), ""])


def _row(form: str, sides: dict[str, list[Result]]) -> str:
    def middle(side: str, key: str) -> float:
        return statistics.median(each[key] for each in sides[side])

    ours, theirs = middle("kmagic", "seconds"), middle("kubectl", "seconds")
    peak = middle("kmagic", "peak")
    holds = ours / theirs <= FORMS[form] and (form != "get pods -A" or peak <= PEAK)
    return (
        f"| `{form}` | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} | {FORMS[form]} | {'yes' if holds else '**no**'} "
        f"| {middle('kmagic', 'cpu'):.2f} | {peak:.0f} | {middle('kmagic', 'kept'):.0f} |"
    )


def main(arguments: list[str]) -> int:
    """Measures, or is measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reading", description=__doc__)
    parser.add_argument("kubeconfig")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="forms that contain this")
    parser.add_argument("--kernel", default="", help="run this line in a kernel of this process")
    options = parser.parse_args(arguments)
    if options.kernel:
        print(json.dumps(_kernel(options.kubeconfig, options.kernel)))
        return 0
    found: Any = measure(options.kubeconfig, options.rounds, options.only)
    print(render(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
