# Each target makes what it needs: on a fresh machine Python 3.11 or newer, make and git are enough.
#   make run         the whole way on the default config
#   make test        format, lint, types, import contracts, budgets, then the tests of seconds
#   make test-slow   the tests of minutes
#   make test-spark  the tests on Spark, in an environment of their own; needs Java 17
#   make check       what make test does before the tests
#   make bench       each benchmark in turn, the last line of each a line of JSON
#   make lock        choose new versions into requirements.lock and requirements-spark.lock
#   make clean       remove the environments and caches; the home folder .regulars stays

PYTHON := python3
BIN := .venv/bin
TESTS := $(BIN)/python -m pytest -n 2 --dist worksteal
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url

unexport PYTHONPATH
unexport PYTHONHOME

.DEFAULT_GOAL := run
.PHONY: setup setup-spark run check test test-slow test-spark bench lock clean

TOO_OLD := Regulars needs Python 3.11 or newer, but $(PYTHON) is %d.%d. \
Install one and name it: make PYTHON=python3.12

setup:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "Regulars needs Python 3.11 or newer, but there is no $(PYTHON) on the PATH."; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v >= (3, 11) or sys.exit("$(TOO_OLD)" % v)'
	@$(PYTHON) bootstrap.py

setup-spark: setup
	@$(PYTHON) bootstrap.py spark

run: setup
	$(BIN)/regulars run

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/budget.py

test: check
	$(TESTS) -m "not slow and not spark"

test-slow: setup
	$(TESTS) -m "(slow or property) and not spark" --hypothesis-profile=slow

test-spark:
	@"$${JAVA_HOME:+$$JAVA_HOME/bin/}java" -version >/dev/null 2>&1 || \
		{ echo "make test-spark needs Java 17 or newer, but none answers to JAVA_HOME or on the PATH; install it."; exit 1; }
	@$(MAKE) --no-print-directory setup-spark
	.venv-spark/bin/python -m pytest -m spark

bench: setup
	$(BIN)/python -m benchmarks.whole_way
	$(BIN)/python -m benchmarks.behaviour
	$(BIN)/python -m benchmarks.behaviour_value
	$(BIN)/python -m benchmarks.churn_quality
	$(BIN)/python -m benchmarks.rolling
	$(BIN)/python -m benchmarks.calibration
	$(BIN)/python -m benchmarks.hazard
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.reasons
	$(BIN)/python -m benchmarks.itemsets
	$(BIN)/python -m benchmarks.itemsets_scale
	$(BIN)/python -m benchmarks.rules
	$(BIN)/python -m benchmarks.rules_shuffled
	$(BIN)/python -m benchmarks.rules_shuffled_levels
	$(BIN)/python -m benchmarks.bundles
	$(BIN)/python -m benchmarks.sequences
	$(BIN)/python -m benchmarks.next_basket
	$(BIN)/python -m benchmarks.next_basket_scale
	$(BIN)/python -m benchmarks.journeys_scale
	$(BIN)/python -m benchmarks.cross_sell
	$(BIN)/python -m benchmarks.up_sell
	$(BIN)/python -m benchmarks.offers
	$(BIN)/python -m benchmarks.offers_scale
	$(BIN)/python -m benchmarks.offers_business
	$(BIN)/python -m benchmarks.value
	$(BIN)/python -m benchmarks.value_learner
	$(BIN)/python -m benchmarks.segments
	$(BIN)/python -m benchmarks.segments_relearned

lock: setup
	$(COMPILE) --extra dev --upgrade --output-file requirements.lock
	$(COMPILE) --extra dev --extra spark --upgrade --constraint requirements.lock \
		--output-file requirements-spark.lock

clean:
	rm -rf .venv .venv-spark build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
