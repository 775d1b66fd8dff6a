# Kindling: `make help` lists what there is. ARGS= passes arguments on.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
ARGS ?=

.PHONY: help setup test test-fast lint types format schemas check clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

.venv/uv-$(UV_VERSION):
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else "Kindling needs Python 3.11 to 3.13; this is %d.%d: set PYTHON=" % v)'
	@echo "setup: a virtual environment in .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --quiet install uv==$(UV_VERSION)
	@touch $@

.venv/dev: requirements/dev.txt .venv/uv-$(UV_VERSION)
	@echo "setup: the libraries of requirements/dev.txt, by hash"
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements/dev.txt
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || true
	@touch $@

setup: .venv/dev ## make the virtual environment with everything in it

test: .venv/dev ## run every test that runs on this machine
	$(BIN)/python -m pytest $(ARGS)

test-fast: .venv/dev ## run the tests that need no broker
	$(BIN)/python -m pytest -m "not kafka and not system" $(ARGS)

lint: .venv/dev ## check format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/dev ## check the types
	$(BIN)/mypy

format: .venv/dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schemas: .venv/dev ## write the generated JSON Schema
	$(BIN)/python -m schemas

check: lint types test ## everything that has to be green

clean: ## remove the virtual environment, local data and caches
	rm -rf .venv .local .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
