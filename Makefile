# Sharefront: `make demo` needs make and any python3 from 3.9 on; everything else is fetched into this folder.

PYTHON ?= python3
PY = .venv/bin/python
# Three at once on two cores: some tests wait for time-outs or a browser, while others can go on.
PYTEST_ARGS ?= -n 4
LOCK_ARGS ?=
BENCH_ARGS ?=

# Every command starts several processes: what Python compiled is kept for the next one, out of sight.
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/.local/bytecode
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test conformance matrix sandbox bench lint reset vendor lock
.DEFAULT_GOAL := help

help: ## List these commands
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1  /p' Makefile | awk '{ printf "  %-4s %-12s", $$1, $$2; $$1 = $$2 = ""; print }'

setup: ## Bring .venv up to date with requirements.lock (the others do this first)
	@$(PYTHON) deploy/local/bootstrap.py

demo: setup ## Start everything; Ctrl-C stops it. Data is kept in .local/demo
	@$(PY) -m deploy.local.demo

test: setup ## Run the tests; PYTEST_ARGS='tests/agreements -k seal' narrows
	@$(PY) -m deploy.local.test $(PYTEST_ARGS)

conformance: setup ## Check the sandbox against the vendor's description, CONTRACT=openapi.json; REQUESTS=10000
	@$(PY) -m tests.conformance

matrix: setup ## Break an order in every way there is (45 minutes); report in .local/matrix.md
	@MATRIX=all $(PY) -m deploy.local.test tests/matrix -n 3 -q

sandbox: setup ## Run the AutoShares sandbox alone
	@$(PY) -m deploy.local.sandbox

bench: setup ## Measure what we promise in figures, into bench/results.json; BENCH_ARGS=polling for one part
	@$(PY) -m bench $(BENCH_ARGS)

lint: setup ## Check style, types, imports, migrations and vendored files
	@$(PY) -m deploy.local.lint

reset: setup ## Forget the demo's data
	@$(PY) -m deploy.local.reset

vendor: setup ## Fetch the front-end code named in static/vendor/vendor.toml (needs npm)
	@$(PY) -m deploy.vendor

lock: ## Resolve requirements.in into requirements.lock; LOCK_ARGS=--upgrade for newer releases
	@$(PYTHON) deploy/local/bootstrap.py --uv pip compile requirements.in --universal --generate-hashes \
		--no-header --quiet --python-version 3.12 --output-file requirements.lock $(LOCK_ARGS)
