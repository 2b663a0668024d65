# Two commands: `make run` and `make test`. Each is sufficient on a fresh clone with Python 3.11 and nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3

UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
export UV_PROJECT_ENVIRONMENT := .venv
export TRANSFORMERS_VERBOSITY := error
export TOKENIZERS_PARALLELISM := false
# Empty means: keep compiled modules. Where the machine forbids it, every process compiles all of Airflow again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup run up test lint bench clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.uv/bin/uv:
	@echo "uv is missing: installing it into .uv/"
	@$(PYTHON) -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check uv

setup: $(if $(findstring .uv/bin/uv,$(UV)),.uv/bin/uv) ## get uv if missing, and the locked packages
	@$(UV) sync --locked --quiet

run: setup ## the main job once, start to finish; ends by naming the digest, the mails and the DuckDB file
	@.venv/bin/gwidam run

up: setup ## Airflow standalone with the DAGs on (Ctrl-C stops it)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" scripts/up

test: setup ## style, import rules, and all tests
	@scripts/test

lint: setup ## ruff, mypy, import rules: what CI asks for besides the tests
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: setup ## the measured speed claims, as ratios
	@for file in benchmarks/*.py; do echo "== $$file"; .venv/bin/python $$file || exit 1; done

clean: ## remove the environment and caches (never var/)
	@rm -rf .venv .uv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build dist
