PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
HOST   ?= 127.0.0.1
PORT   ?= 8000

.DEFAULT_GOAL := help
.PHONY: help run demo test check pages fmt bench big mutants fuzz wheel clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

run: $(STAMP) ## serve the emulator on 127.0.0.1:8000 and print credentials and curl lines
	@$(BIN)/pardot-mock serve --host $(HOST) --port $(PORT)

demo: $(STAMP) ## walk one export from login to expiry
	@$(BIN)/pardot-mock demo

test: $(STAMP) ## everything that must be green
	$(BIN)/python -m pytest -q -n auto --dist worksteal

check: $(STAMP) ## ruff, format, mypy strict, generated pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pardot_mock.pages docs --check

pages: $(STAMP) ## write the generated pages of docs/
	$(BIN)/python -m pardot_mock.pages docs

fmt: $(STAMP) ## format and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## measure start-up, polls, generation, streaming and the client beside their references
	$(BIN)/python -m tests.load

big: $(STAMP) ## export ten million rows with the reference client and hold every one against the truth
	$(BIN)/python -m tests.load big

mutants: $(STAMP) ## plant wrong emulators and wrong clients, and demand that each is found
	$(BIN)/python -m tests.mutants

fuzz: $(STAMP) ## make 20,000 generated calls, raw bytes, and schemathesis on our document
	$(BIN)/python -m tests.fuzz
	$(PYTHON) -m venv $(VENV)/fuzz
	$(VENV)/fuzz/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(VENV)/fuzz/bin/python -m tests.fuzz.schema

wheel: $(STAMP) ## build the wheel and prove it in a clean environment
	rm -rf dist
	$(BIN)/python -m build --quiet
	$(BIN)/python -m tests.meta.wheel dist

clean: ## remove everything that was built
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
