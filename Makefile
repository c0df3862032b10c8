# Two commands set a fresh machine up: `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RAY_VENV ?= .venv-ray

.DEFAULT_GOAL := help

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[test,check]"
	@touch $@

$(RAY_VENV)/.installed: pyproject.toml constraints-ray.txt
	$(PYTHON) -m venv $(RAY_VENV)
	$(RAY_VENV)/bin/python -m pip install --quiet --upgrade pip
	$(RAY_VENV)/bin/python -m pip install --quiet -c constraints-ray.txt -e ".[ray,test]"
	@touch $@

.PHONY: help install run test slow slurm ray check docs format clean
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## the environment in .venv, from constraints.txt

run: install ## the main job on embedded data: a result table and a page to look at
	$(BIN)/python -m w2s.main

test: install ## the quick tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto

slow: install ## the tests marked slow
	$(BIN)/python -m pytest -q -n auto -m "slow and not slurm and not gpu and not network"

slurm: install ## the tests that need a running Slurm; they start one where slurmd is installed
	$(BIN)/python -m pytest -q -m slurm

ray: $(RAY_VENV)/.installed ## the tests of launcher=ray, in an environment of its own, .venv-ray
	$(RAY_VENV)/bin/python -m pytest -q -m "slow or not slow" tests/cli/sweep/test_launchers.py -k "ray or twelve"

check: install ## lint, format, types, and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: install ## the site in site/, from the README, the experiments and the docstrings
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[docs]"
	$(BIN)/python -m mkdocs build --quiet --strict

format: install ## fix what the linter and the formatter can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the environments and caches; results stay
	rm -rf $(VENV) $(RAY_VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
