# Needs Python 3.11+ and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: help run setup test lint types check bench clean

help: ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: $(RUNTIME) ## run the job; flags of cli.py go into ARGS="--input other.csv"
	@$(BIN)/python cli.py $(ARGS)

setup: $(DEV) ## prepare .venv with everything, no more

test: $(DEV) ## run the tests; flags of pytest go into ARGS="-k csv"
	$(BIN)/python -m pytest $(ARGS)

lint: $(DEV) ## ruff, rules and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV) ## mypy, strict
	$(BIN)/mypy

check: lint types test ## what CI and pre-commit run

bench: $(DEV) ## the benchmarks, beside the peers
	$(BIN)/python -m pytest benchmarks $(ARGS)

clean: ## remove .venv and all caches
	rm -rf $(VENV) .benchmarks .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# The stamps make every later call instant, until the pins change.
$(RUNTIME): requirements.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("needs Python 3.11 or later: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) -r $<
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(PIP) -r $<
	@touch $@
