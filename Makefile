# Each target makes what it needs: on a fresh machine Python 3.11 or newer, make and git are enough.
#   make run         the whole way on the default config
#   make test        format, lint, types, import contracts, budgets, then the tests of seconds
#   make test-slow   the tests of minutes
#   make check       what make test does before the tests
#   make bench       each benchmark in turn, the last line of each a line of JSON
#   make lock        choose new versions into requirements.lock
#   make clean       remove the environment and caches; the home folder .regulars stays

PYTHON := python3
BIN := .venv/bin
TESTS := $(BIN)/python -m pytest -n 2

unexport PYTHONPATH
unexport PYTHONHOME

.DEFAULT_GOAL := run
.PHONY: setup run check test test-slow bench lock clean

TOO_OLD := Regulars needs Python 3.11 or newer, but $(PYTHON) is %d.%d. \
Install one and name it: make PYTHON=python3.12

setup:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "Regulars needs Python 3.11 or newer, but there is no $(PYTHON) on the PATH."; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v >= (3, 11) or sys.exit("$(TOO_OLD)" % v)'
	@$(PYTHON) bootstrap.py

run: setup
	$(BIN)/regulars run

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/budget.py

test: check
	$(TESTS) -m "not slow"

test-slow: setup
	$(TESTS) -m "slow or property" --hypothesis-profile=slow

bench: setup
	$(BIN)/python -m benchmarks.whole_way

lock: setup
	$(BIN)/uv pip compile pyproject.toml --all-extras --upgrade --quiet \
		--universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --output-file requirements.lock

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
