# Everything that is done to this checkout; `make help` lists it. GNU make 3.81 and POSIX sh are enough.

PYTHON ?=
UV ?= uv
T ?=
BIN = .venv/bin
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help run install install-dev test test-deps check lint format tryout bench-real bench-discover bench-names docs lock bench-latency bench-load bench-kinds bench-learned bench-dormancy bench-alerts bench-noise bench-scoring bench-uplift fuzz-slack chaos clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: install ## install what is missing, then start Dormouse (with a demo on the first start)
	@exec $(BIN)/dormouse serve --demo

install: ## make .venv and install Dormouse into it; does nothing when that is up to date
	@PYTHON="$(PYTHON)" sh deploy/install.sh runtime

install-dev: ## the same with what tests and checks need
	@PYTHON="$(PYTHON)" sh deploy/install.sh dev

test: install-dev ## run every test; as root on Debian, installs the servers that they need
	@sh deploy/test_deps.sh --if-root
	@exec $(BIN)/pytest -n 2 $(T)

test-deps: ## install redis-server, PostgreSQL and Chromium for the tests (Debian and Ubuntu; needs root)
	@sh deploy/test_deps.sh

check: install-dev lint ## the fast part: style, types, import law, house rules, quick tests
	@exec $(BIN)/pytest -n 2 -m "not slow and not browser and not postgres and not real_data" $(T)

lint: install-dev ## style, types and the import law alone
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted as agreed: run 'make format'."; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --config pyproject.toml | tail -3

format: install-dev ## put every file into the agreed format
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

tryout: install ## find dormant customers in your own files: make tryout ACCOUNTS=crm.csv LOG='access.log*' [ACTIVITIES=…] [CONTACTS=…]
	@test -n "$$ACCOUNTS" && test -n "$$LOG" || { \
	  echo "Say which files: make tryout ACCOUNTS=customers.csv LOG='access.log*'  [ACTIVITIES=orders.csv] [CONTACTS=people.csv] [SITE=www.example.com] [MMDB=networks.mmdb] [OPTIONS='--column name=Firma']"; \
	  exit 2; }
	@set -- --accounts "$$ACCOUNTS" --log "$$LOG" $(OPTIONS); \
	test -z "$$ACTIVITIES" || set -- "$$@" --activities "$$ACTIVITIES"; \
	test -z "$$CONTACTS" || set -- "$$@" --contacts "$$CONTACTS"; \
	test -z "$$SITE" || set -- "$$@" --site "$$SITE"; \
	test -z "$$MMDB" || export MMDB_PATHS="$$MMDB"; \
	exec $(BIN)/dormouse tryout "$$@"

bench-real: install-dev ## measure recognition on the real access log (needs ../shared/data)
	@exec $(BIN)/python -m bench.real_log

bench-discover: install-dev ## how fast and how rightly `networks discover` finds accounts (needs ../shared/data)
	@exec $(BIN)/python -m bench.discover

bench-names: install-dev ## measure names, network owners and domains against accounts (needs ../shared/data)
	@exec $(BIN)/python -m bench.names

bench-kinds: install-dev ## measure the judgement of network kinds by cross-validation (needs ../shared/data)
	@exec $(BIN)/python -m bench.network_kinds

bench-dormancy: install-dev ## measure who orders nothing next, and how early silence is told (needs ../shared/data)
	@exec $(BIN)/python -m bench.cadence

bench-learned: install-dev ## measure the learned map in a simulated world whose truth is known
	@exec $(BIN)/python -m bench.learned

fuzz-slack: install-dev ## try 10,000 hostile messages on what Slack is sent
	@PYTHONPATH=.:tests/support exec $(BIN)/python -m bench.fuzz_slack

bench-uplift: install-dev ## plant uplift into 1,000 made installations and see what is claimed
	@exec $(BIN)/python -m bench.uplift

bench-alerts: install-dev ## measure who is named, from visits in to alerts out (needs ../shared/data)
	@PYTHONPATH=.:tests/support exec $(BIN)/python -m bench.alerts.run

docs: install-dev ## write the tables in docs/ that are made from the code
	@$(BIN)/python tests/support/settings_table.py

lock: install ## resolve the dependencies anew into requirements.lock and requirements-dev.lock (needs uv)
	@command -v "$(UV)" >/dev/null || { echo "make lock needs uv; install it, or name it: make lock UV=/path/to/uv"; exit 1; }
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	  >.venv/build.in
	@$(COMPILE) pyproject.toml .venv/build.in -o requirements.lock
	@$(COMPILE) --extra dev pyproject.toml .venv/build.in -c requirements.lock -o requirements-dev.lock
	@grep -c '^[a-zA-Z0-9].*==' requirements.lock requirements-dev.lock

bench-latency: install-dev ## how long an alert takes: 200 accounts, from the qualifying hit to a Slack stand-in
	@PYTHONPATH=.:tests/support exec $(BIN)/python -m bench.latency

bench-load: install-dev ## the same at 50 page views a second over 10,000 accounts, and when a registry is asked first
	@PYTHONPATH=.:tests/support exec $(BIN)/python -m bench.load

bench-noise: install-dev ## false alarms about dormant accounts against wake-ups missed, in a simulated world
	@exec $(BIN)/python -m bench.noise

bench-scoring: install-dev ## what scoring costs with 100,000 past visits, against 100
	@exec $(BIN)/python -m bench.scoring_cost

chaos: install-dev ## kill everything again and again while 5,000 page views come in; nothing may be lost or doubled
	@$(BIN)/python -m bench.chaos
	@PYTHONPATH=.:tests/support exec $(BIN)/python -m bench.chaos_deliveries

clean: ## remove what was built or cached; keeps .venv and var
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -print | while IFS= read -r folder; do rm -rf "$$folder"; done
