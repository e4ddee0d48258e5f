# Two commands do everything on a fresh machine with Python 3.11+: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo lab test check format cluster bench upstream contracts kubectl-page models chaos-election fuzz interrupts leaks notebooks docs release clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("kmagic needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,docs,all]'
	@touch $@

demo: $(READY)  ## the tour in the terminal, against the sandbox
	@$(BIN)/python -m kmagic demo

lab: $(READY)  ## the tour in JupyterLab
	@$(BIN)/python -m kmagic lab

check: $(READY)  ## the fast gates: format, lint, types, layers, shape
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" pyright --ignoreexternal --verifytypes kmagic
	$(BIN)/lint-imports
	$(BIN)/python -m kmagic.codegen check
	$(BIN)/python -m pytest -q tests/shape

test: $(READY)  ## every test: unit, conformance, cluster, browser, notebooks
	$(BIN)/python -m pytest

format: $(READY)  ## let ruff put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

cluster: $(READY)  ## a real control plane to play with; prints its kubeconfig, Ctrl-C ends it
	@$(BIN)/python -m tests.cluster

bench: $(READY)  ## speed and memory side by side with the peers; writes tests/bench/RESULTS.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m tests.bench

upstream: $(READY)  ## upstream's own conformance specs on the sandbox and a real control plane; writes tests/upstream/RESULTS.md
	@$(BIN)/python -m tests.upstream

SEEDS ?= 2000
chaos-election: $(READY)  ## leader election, thousands of times: SEEDS=2000 runs of five candidates, never two leaders
	$(BIN)/python -m tests.controller.election_chaos 0 $(SEEDS)

RUNS ?= 500
leaks: $(READY)  ## what RUNS=500 runs of live cells in a real kernel leave
	$(BIN)/python -m tests.kernel.leaks $(RUNS)

MOMENTS ?= 40
interrupts: $(READY)  ## MOMENTS=40 interrupts each in a kernel, in JupyterLab and in a terminal: back when, the sandbox alive, how many lines
	$(BIN)/python -m tests.kernel.interrupts $(MOMENTS)

FUZZ ?= 20
fuzz: $(READY)  ## any bytes in, only our errors out: FUZZ=20 times as many inputs as the suite tries
	KMAGIC_FUZZ=$(FUZZ) $(BIN)/python -m pytest -q --timeout=0 -k "any or peer" $(shell grep -rl --include='test_*.py' 'strange import' tests)

notebooks: $(READY)  ## runs the notebooks on the sandbox and writes their outputs into them
	$(BIN)/python -m tests.notebooks.notebook

contracts: $(READY)  ## rewrites tests/contracts.md from the ids of the tests
	$(BIN)/python -m tests.shape.contracts

kubectl-page: $(READY)  ## rewrites docs/kubectl.md from kubectl's own help and the table of verbs
	$(BIN)/python -m tests.parity.page

release: $(READY)  ## wheel, sdist and a bill of materials (CycloneDX) of an installation with every extra, in dist/
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	$(PYTHON) -m venv dist/.venv
	dist/.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "$$(ls dist/*.whl)[all]"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[release]'
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o dist/sbom.cdx.json dist/.venv
	rm -rf dist/.venv
	@ls dist

docs: $(READY)  ## the documentation as a site, in build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "open build/site/index.html"

clean:  ## removes what make made
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist tests/artifacts
