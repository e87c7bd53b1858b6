# make run, make test, make check, make chaos, make bench, make fuzz: each installs what it needs into .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOCK := requirements-dev.lock
DEV := --editable '.[postgresql,s3]' --group check --group test
# tests wait about as long as they compute
WORKERS ?= $(shell $(PYTHON) -c "import os; print(2 * (os.cpu_count() or 1))")
PAGE := $(wildcard web/*.json web/*.mjs web/src/*)

.PHONY: run test test-postgresql check chaos bench fuzz lock clean

$(VENV)/installed: pyproject.toml $(LOCK) hatch_build.py $(PAGE)
	$(PYTHON) -c 'import sys; sys.exit("Slotport needs Python 3.11 or newer, not " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25.1'
	$(PIP) install --constraint $(LOCK) --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) install --constraint $(LOCK) $(DEV)
	touch $@

run: $(VENV)/installed
	$(BIN)/slotport demo --data .cache/demo

test: $(VENV)/installed-dev
	$(BIN)/python -m tests.install
	$(BIN)/python -m pytest -n $(WORKERS)

# all tests that can, on PostgreSQL
test-postgresql: $(VENV)/installed-dev
	$(BIN)/python -m tests.install
	$(BIN)/python -m pytest -n $(WORKERS) --database postgresql

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# servers, workers and the database are killed for five minutes while they export
chaos: $(VENV)/installed-dev
	$(BIN)/python -m tests.install
	$(BIN)/python -m tests.chaos $(CHAOS)

bench: $(VENV)/installed-dev
	$(BIN)/python -m bench.install_peers
	$(BIN)/python -m bench.run $(BENCH)

fuzz: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n $(WORKERS) tests/fuzz --fuzz-seconds=$(or $(SECONDS),600)

# the newest versions that pyproject.toml allows become those that all of the above install
lock:
	$(PYTHON) -m venv --clear .cache/lock
	.cache/lock/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	.cache/lock/bin/python -m pip install --quiet --disable-pip-version-check $(DEV)
	.cache/lock/bin/python -m pip freeze --exclude-editable > $(LOCK)

clean:
	rm -rf $(VENV) .cache
