# Xinheng 信衡. `make demo` and `make test` each do all the set-up; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
# The lock is complete: without resolving, a release that appears later can't get between a package and its extras.
PIP_LOCKED := $(PIP_INSTALL) --no-deps --require-hashes
ROOMS := graph rules engine loaders api
export PYTHONUTF8 := 1

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

# --- set-up: what is missing is said in one line each -------------------------------------------------------------
.PHONY: needs
needs:
	@bash deploy/needs.sh "$(PYTHON)"

$(BIN)/python: | needs
	@echo "· Python environment in $(VENV)"
	@"$(PYTHON)" -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "· runtime packages (a few minutes the first time)"
	@$(PIP_LOCKED) -r requirements/runtime.txt
	@bash deploy/link-rooms.sh $(BIN)/python
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "· packages for tests"
	@$(PIP_LOCKED) -r requirements/dev.txt
	@touch $@

.PHONY: setup
setup: $(VENV)/.dev ## environment with everything for development

# --- what people come for ------------------------------------------------------------------------------------------
.PHONY: demo
demo: $(VENV)/.runtime ## an example city and a tour of checks
	@$(BIN)/xinheng demo

.PHONY: test
test: setup ## everything CI runs, a real Neo4j included
	@bash .ci/steps $(BIN)

.PHONY: unit
unit: setup ## the tests alone, in two processes, without Neo4j
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not neo4j and not slow"

.PHONY: bench
bench: setup ## how close a check is to plain SQL and bare durable_rules (minutes)
	@$(BIN)/python -m bench.ratios

.PHONY: bench-full
bench-full: setup ## the same, and in a city of a million subjects (an hour at most the first time)
	@$(BIN)/python -m bench.ratios --full

.PHONY: fuzz-http
fuzz-http: setup ## the HTTP application on either store, 10,000 requests each made from its OpenAPI document
	@XINHENG_FUZZ_REQUESTS=$${XINHENG_FUZZ_REQUESTS:-10000} $(BIN)/python -m pytest -q tests/api/test_http_fuzzed.py

.PHONY: bench-loading
bench-loading: setup ## load the whole register into both stores, beside the bare stores (half an hour)
	@$(BIN)/python -m bench.loading

.PHONY: bench-http
bench-http: setup ## checks over HTTP, beside a constant and beside the check in process (minutes)
	@$(BIN)/python -m bench.http

.PHONY: bench-endurance
bench-endurance: setup ## a million checks in one process: memory, a sample held to the reference, the ledger (an hour)
	@$(BIN)/python -m bench.endurance

.PHONY: mutants
mutants: COUNT := 600
mutants: SEED := 20261126
mutants: setup ## change what decides in 600 places, one at a time: do tests notice (an hour; COUNT=, SEED=)
	@nice $(BIN)/python -m tests.mutants run $(COUNT) $(SEED) && $(BIN)/python -m tests.mutants page docs

.PHONY: format
format: setup ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

.PHONY: lint
lint: setup ## format, lint, types, direction of imports
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

.PHONY: catalogue
catalogue: $(VENV)/.runtime ## lint the catalogue and run its scenarios
	@$(BIN)/xinheng catalogue lint && $(BIN)/xinheng catalogue test

.PHONY: docs
docs: setup ## pages generated from the code: settings, errors, schemas
	@$(BIN)/python -m api.documentation docs

.PHONY: scorecard
scorecard: setup ## measure the candidates of identity on an invented population
	@$(BIN)/python -m loaders.identity.scorecard docs

.PHONY: lock
lock: setup ## resolve the packages anew (needs a network)
	@$(PIP_INSTALL) uv
	@bash deploy/lock.sh $(BIN)

.PHONY: clean
clean: ## remove what was built; the example city and the environment stay
	@rm -rf build dist mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* .import_linter_cache
