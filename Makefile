# Ebb: `make up` starts everything, `make test` proves it. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help up test lint types checks lock bench faults mutants clean venv install install-test test-postgres test-sqlite

PYTHON ?= python3
VENV := var/venv
PY := $(VENV)/bin/python
# Compiled once, whatever the shell says, and not anew by each of the many processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE
# A place of its own for what the checks write, and the settings of a public server.
SCRATCH := EBB_VAR=var/checks
PUBLIC := $(SCRATCH) EBB_SITE_URL=https://ebb.example.org EMAIL_URL=smtp+tls://ebb:secret@mail.example.org:587 \
	EBB_SECRET_KEY=only-for-the-deploy-check-0123456789-abcdefghijklmnopqrstuvwxyz

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

up: install ## install what is missing, then web, workers, beat and an embedded Redis in this terminal
	@exec $(PY) manage.py up

test: install-test lint types checks test-postgres test-sqlite ## everything: lint, types, checks, tests on PostgreSQL and SQLite, browser

lint: install-test ## ruff and djlint
	@echo "== ruff"
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@echo "== djlint"
	@$(PY) -m djlint --quiet --lint config tracker assessments

types: install-test ## mypy on the pure packages and the services
	@echo "== mypy"
	@$(SCRATCH) $(PY) -m mypy

checks: install-test ## migrations complete, settings of a public server sound
	@echo "== migrations complete"
	@$(SCRATCH) $(PY) manage.py makemigrations --check --dry-run
	@echo "== deploy check"
	@$(PUBLIC) $(PY) manage.py check --deploy --fail-level WARNING

test-postgres: install-test ## the tests that touch the database, on a throwaway PostgreSQL
	@echo "== tests on PostgreSQL"
	@$(PY) -m tests.postgres $(PY) -m pytest -n 3 --ignore=tests/domain --ignore=tests/engine --ignore=tests/browser -m "not processes"

test-sqlite: install-test ## all tests on SQLite with the embedded Redis
	@echo "== tests on SQLite"
	@$(PY) -m pytest -n 3

faults: install-test ## the fault figures in full: kills, broker, database, mail server, zones, lives (hours)
	@echo "== faults, in full"
	@EBB_FULL=1 EBB_FAULT_MAILS=200 $(PY) -m pytest -rs tests/faults

bench: install-test ## the figures: each script under tests/benchmarks
	@set -e; for script in tests/benchmarks/bench_*.py; do \
		test -f "$$script" || { echo "There is no benchmark yet."; exit 0; }; \
		echo "== $$script"; PYTHONPATH=. $(PY) "$$script"; done

mutants: install-test ## change the engine of the check-up line by line and name what no test notices (hours)
	@test -d var/mutmut/mutmut || $(PY) -m pip install --disable-pip-version-check --quiet --target var/mutmut "mutmut~=3.8.1"
	@PYTHONPATH=var/mutmut $(PY) -m mutmut run $(ONLY); PYTHONPATH=var/mutmut $(PY) -m mutmut results

lock: ## make both requirements files again from pyproject.toml
	@command -v uv >/dev/null || { echo "make lock needs uv: install it with 'pipx install uv'."; exit 1; }
	@echo "== requirements.txt"
	@uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 -o requirements.txt
	@echo "== requirements-test.txt"
	@uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra test -c requirements.txt -o requirements-test.txt

clean: ## remove caches and the virtual environment; the record in var/ stays
	@echo "Removing the virtual environment and caches. The database, mails and key in var/ stay."
	@rm -rf $(VENV) var/checks var/static .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find config tracker assessments tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment is made anew when it is half made or its Python is gone.
venv:
	@if test -f $(VENV)/.made && $(PY) -c "" 2>/dev/null; then exit 0; fi; \
	command -v $(PYTHON) >/dev/null || { echo "Ebb needs Python 3.11 or later; '$(PYTHON)' was not found. On Debian: apt-get install python3 python3-venv"; exit 1; }; \
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { \
		echo "Ebb needs Python 3.11 or later; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name another one: make up PYTHON=python3.12"; exit 1; }; \
	$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || { \
		echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }; \
	echo "== virtual environment in $(VENV)"; \
	mkdir -p var && $(PYTHON) -m venv --clear $(VENV) && touch $(VENV)/.made

install: venv
	@$(call install,requirements.txt)

install-test: install
	@$(call install,requirements-test.txt)

# Installs a lock file once: the copy beside the virtual environment says which text is in it.
define install
if ! cmp -s $(1) $(VENV)/$(1); then \
	echo "== installing $(1), hashes checked"; \
	$(PY) -m pip install --disable-pip-version-check --no-input --quiet --require-hashes -r $(1) && cp $(1) $(VENV)/$(1); \
fi
endef
