"""`make upstream`: upstream's [Conformance] specs on the sandbox and on a real control plane, side by side.

Writes RESULTS.md beside this file. Options: `--focus REGEX` for other specs (the table is only printed then), and
`--processes N`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from kmagic.sandbox.host import process
from tests.cluster.controlplane import BuildError
from tests.cluster.fixture import Cluster
from tests.upstream.suite import CONFORMANCE, Outcome, Suite
from tests.upstream.table import REASONS, page

RESULTS = Path(__file__).parent / "RESULTS.md"


def main(arguments: list[str]) -> int:
    """Runs the specs twice and writes the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.upstream")
    parser.add_argument("--focus", default=CONFORMANCE)
    parser.add_argument("--processes", type=int, default=4)
    options = parser.parse_args(arguments)
    try:
        suite = Suite.ensure()
    except BuildError as error:
        print(f"upstream: {error}", file=sys.stderr)
        return 1
    sandbox = _on_sandbox(suite, options.focus, options.processes)
    real = _on_real(suite, options.focus, options.processes)
    text = page(sandbox, real, REASONS.read_text(encoding="utf-8").splitlines())
    if options.focus == CONFORMANCE:
        RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return 0


def _on_sandbox(suite: Suite, focus: str, processes: int) -> dict[str, Outcome]:
    with tempfile.TemporaryDirectory() as folder:
        sandbox = process.start()
        try:
            return suite.run(str(sandbox.kubeconfig), Path(folder), focus=focus, processes=processes)
        finally:
            sandbox.stop()


def _on_real(suite: Suite, focus: str, processes: int) -> dict[str, Outcome]:
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster.start()
        try:
            return suite.run(cluster.kubeconfig, Path(folder), focus=focus, processes=processes)
        finally:
            cluster.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
