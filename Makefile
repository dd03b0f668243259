# `make help` lists what there is. Everything lives in .venv and var/; nothing else is touched.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check install
LOCK := ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help run test demo lint format bench worker cron migrate lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: .venv/.run ## everything on this machine, with a demo city; Ctrl-C stops it
	$(BIN)/tibao run

test: .venv/.test ## all tests (ARGS='-k notice' for some)
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadgroup $(ARGS)

demo: .venv/.run ## one purchase from application to policy, played through real parts
	$(BIN)/tibao demo

lint: .venv/.dev ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: .venv/.dev ## let ruff lay out the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .venv/.run ## our figures beside bare ones, in one run
	for part in bench/*.py; do $(BIN)/python -m bench.$$(basename $$part .py) || exit 1; done

worker: .venv/.run ## one worker (QUEUE=name), as in production
	$(BIN)/tibao worker $(QUEUE)

cron: .venv/.run ## the periodic jobs, as in production
	$(BIN)/tibao cron

migrate: .venv/.run ## bring the database's tables up to date
	$(BIN)/tibao migrate

lock: .venv/.dev ## renew requirements/*.txt from requirements/*.in (UPGRADE=--upgrade)
	cd requirements && $(LOCK) -o run.txt run.in
	cd requirements && $(LOCK) -o test.txt -c run.txt test.in
	cd requirements && $(LOCK) -o dev.txt -c test.txt dev.in

clean: ## remove .venv and the local servers' data
	rm -rf .venv var

# The environment, made on demand. A stamp says that a list of requirements is installed, so the
# second `make run` starts at once; each list holds the shorter ones: run < test < dev.
.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) must be Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "==> making .venv with $$($(PYTHON) --version)"
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.%: requirements/%.txt pyproject.toml | .venv/.made
	@echo "==> installing what \`$*\` needs: $$(grep -c == $<) packages, a minute or two"
	$(PIP) --require-hashes --requirement $<
	$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@echo "==> installed"
	@touch $@

.PRECIOUS: .venv/.%
