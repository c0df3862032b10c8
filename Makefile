# Two commands set a fresh machine up: `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[test,check]"
	@touch $@

.PHONY: help install run test slow slurm check format clean
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## the environment in .venv, from constraints.txt

run: install ## the main job on embedded data: a result table and a page to look at
	$(BIN)/python -m w2s.main

test: install ## the quick tests
	$(BIN)/python -m pytest -q -n auto

slow: install ## the tests marked slow
	$(BIN)/python -m pytest -q -n auto -m "slow and not slurm and not gpu and not network"

slurm: install ## the tests that need a running Slurm; they start one where slurmd is installed
	$(BIN)/python -m pytest -q -m slurm

check: install ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install ## mend what lint and format can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the environment and caches; results stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
