# Needs Python 3.11+ and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
NATIVE := $(VENV)/.native
BYTECODE := $(VENV)/.bytecode
LAWS := $(addprefix tests/kernels/test_,laws.py streams.py summary.py text.py)
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist worksteal
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: help run build setup test test-all backends container ranges wheel lint types schema check bench start clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: $(NATIVE) $(BYTECODE) ## run the job; flags of cli.py go into ARGS="--input other.csv"
	@$(BIN)/python cli.py $(ARGS)

build: $(RUNTIME) ## compile the kernels for this machine's CPU
	@KERNELS_BACKEND=jit $(BIN)/python -m kernels._backend.prebuilt
	@touch $(NATIVE)

setup: $(DEV) ## prepare .venv with everything, no more

test: $(DEV) $(NATIVE) ## run the tests; flags of pytest go into ARGS="-k csv"
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --ignore tests/test_container.py $(ARGS)

test-all: backends container ranges ## what takes longer: the laws on each back end, the image, the wheel's ranges, fuzz
	$(BIN)/python -m tests.fuzz --seconds 300

backends: $(DEV) ## the laws of the kernels once more, compiled by Numba and interpreted
	KERNELS_BACKEND=jit $(BIN)/python -m pytest $(LAWS)
	KERNELS_BACKEND=python $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(LAWS)

container: $(DEV) ## the image, where Docker answers
	$(BIN)/python -m pytest tests/test_container.py

ranges: $(DEV) ## the wheel beside the oldest and the newest packages that it allows
	$(BIN)/python -m tests.ranges $(LAWS) $(addprefix tests/,kernels/test_foreign.py test_cli.py test_config.py inputs/test_csv.py)

wheel: $(DEV) ## an archive of the sources and a manylinux wheel of it, into dist/
	$(BIN)/python -c 'import setuptools.build_meta as builder; builder.build_sdist("dist")'
	$(BIN)/python -m pip --disable-pip-version-check wheel --quiet --no-deps --wheel-dir build/wheels dist/*.tar.gz
	PATH=$(BIN):$$PATH $(BIN)/auditwheel repair --wheel-dir dist build/wheels/*.whl

lint: $(DEV) ## ruff, rules and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV) ## mypy, strict
	$(BIN)/mypy

schema: $(DEV) ## write docs/config.schema.json, by which editors check config.yaml
	$(BIN)/python -m mlops_task.schema > docs/config.schema.json

check: lint types test ## what CI and pre-commit run

bench: $(DEV) $(NATIVE) ## the benchmarks, beside the peers
	$(BIN)/python -m pytest benchmarks $(ARGS)

start: $(DEV) $(NATIVE) $(BYTECODE) ## how long whole runs take, beside the peers
	$(BIN)/python -m benchmarks.start

fuzz: $(DEV) ## a minute of mutated files and configs; more with ARGS="--seconds 3600"
	$(BIN)/python -m tests.fuzz $(ARGS)

clean: ## remove .venv and all caches
	rm -rf $(VENV) .benchmarks .hypothesis .mypy_cache .pytest_cache .ruff_cache build kernels/_native_*
	find . -name __pycache__ -prune -exec rm -rf {} +

# The stamps make every later call instant, until the pins change.
$(RUNTIME): requirements-build.txt requirements.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("needs Python 3.11 or later: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) -r $<
	@touch $@

$(DEV): requirements-dev.txt requirements-dask.txt $(RUNTIME)
	$(PIP) -r $<
	@touch $@

# Without a C compiler it says so, once, and Numba takes over.
$(NATIVE): $(wildcard kernels/*/*.py) $(RUNTIME)
	@KERNELS_BACKEND=jit $(BIN)/python -m kernels._backend.prebuilt || true
	@touch $@

# Python keeps it by itself, unless the environment forbids; without it every start is 30 ms longer.
$(BYTECODE): $(wildcard kernels/*.py kernels/*/*.py mlops_task/*.py mlops_task/*/*.py) $(RUNTIME)
	@$(BIN)/python -m compileall -q kernels mlops_task
	@touch $@
