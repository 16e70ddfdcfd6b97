# run: the whole centre.   test: everything a change has to pass.   check: its static part.   bench: the figures.   load: a centre at work.
# Each sets up what it needs. A fresh machine has git, make and Python 3.11 or newer.

PYTHON ?= python3
BROWSER ?= on
PEERS ?= on
export PEERS
BIN := .venv/bin
TEXTS := $(wildcard cec/platform/locale/*/LC_MESSAGES/*.po)
.DEFAULT_GOAL := run
.PHONY: run test check bench load browser peers screens feel chaos attack audit

run: .venv/.installed .venv/.texts
	@exec $(BIN)/cec up

check: .venv/.with-tests .venv/.texts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check --output-format concise .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/cec check

# What starts a whole centre - its browsers, and its faults - comes after the rest.
WHOLE := tests/faults $(if $(filter off,$(BROWSER)),,tests/journeys)

ABREAST := --numprocesses auto --dist loadfile --no-loadscope-reorder

test: check peers $(if $(filter off,$(BROWSER)),,browser)
	$(BIN)/python -m pytest $(ABREAST) --ignore=tests/journeys --ignore=tests/faults
	$(BIN)/python -m pytest $(ABREAST) $(WHOLE)

# All figures, or ONLY="page rules.decide"; what was measured goes into the table of README.
JSON ?= var/bench.json
bench: .venv/.installed .venv/.texts
	@mkdir -p $(dir $(JSON))
	$(BIN)/cec bench $(ONLY) --json $(JSON); missed=$$?; $(BIN)/python -m bench.readme $(JSON) README.md; exit $$missed

# A centre at work, everybody in it played by programs: OPERATORS=400 MINUTES=30, or FIND="100 800 25" by bisection.
OPERATORS ?= 100
MINUTES ?= 5
load: .venv/.installed .venv/.texts
	$(BIN)/cec load --operators $(OPERATORS) --minutes $(MINUTES) $(if $(FIND),--find $(FIND)) --json $(or $(REPORT),var/load.json)

browser: .venv/.with-tests
	@.ci/browser

peers: .venv/.with-tests
	@[ "$(PEERS)" = off ] || .ci/peers

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; }

.venv/.installed: .venv/bin/python pyproject.toml hatch_build.py package-lock.json assets.toml
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.with-tests: .venv/.installed
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

.venv/.texts: .venv/.installed $(TEXTS)
	$(if $(TEXTS),$(BIN)/pybabel --quiet compile --directory cec/platform/locale)
	@touch $@

# Faults in the whole centre - what dies, stands still, is full - for longer than `make test` has them; in seconds.
CEC_CHAOS_SECONDS ?= 300
chaos: .venv/.with-tests .venv/.texts
	CEC_CHAOS_SECONDS=$(CEC_CHAOS_SECONDS) $(BIN)/python -m pytest -s tests/faults

# How the window feels, against its goals; on an otherwise idle machine.
feel: .venv/.with-tests .venv/.texts browser
	CEC_FEEL=on $(BIN)/python -m pytest -s tests/journeys/test_feel.py

# The pictures of the guide, beside the mock-ups.
screens: .venv/.with-tests .venv/.texts browser
	CEC_SCREENS=docs/screens $(BIN)/python -m pytest tests/journeys/test_screens.py

# Every attack that docs/security.md names, and those in tests/attack; prints what was attacked and what held.
attack: .venv/.with-tests .venv/.texts $(if $(filter off,$(BROWSER)),,browser)
	$(BIN)/python -m tests.attacking $(ABREAST) $(if $(filter off,$(BROWSER)),--without-browser)

# Known holes of the installed versions; asks the advisory service, so it needs the network and fails without it.
audit: .venv/.installed
	@$(PYTHON) -m venv var/audit
	@var/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	@$(BIN)/python -m pip freeze --exclude-editable >var/audit/installed.txt
	@var/audit/bin/pip-audit --no-deps --disable-pip --requirement var/audit/installed.txt
