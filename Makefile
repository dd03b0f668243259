# `make help` lists what there is. What is installed lives in .venv and miniprogram_web/, data in var/.

PYTHON ?= python3
BIN := .venv/bin
WEB := miniprogram_web
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
PIP := $(BIN)/pip --disable-pip-version-check install
IN_PARALLEL := -n auto --maxprocesses 4
LOCK := ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

# What a newcomer is told below the words of pip or npm.
NOT_INSTALLED := echo "==> 没有装好，原因见上面几行：多半是连不上软件源（请检查网络、代理或镜像设置）或磁盘已满；\
处理后再运行同一条命令，会接着装 / not installed: network, proxy or disk? Then run it again" >&2

# Tests start hundreds of processes: each would compile the house anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test coverage rules demo web pictures types lint format bench worker cron migrate lock \
	check-deps clean old-browser

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: .venv/.local web ## everything on this machine, with a demo city; Ctrl-C stops it
	$(BIN)/tibao run

test: .venv/.test web $(WEB)/.browser ## all tests (ARGS='-k notice' for some)
	$(BIN)/pytest $(IN_PARALLEL) $(ARGS)

coverage: .venv/.test ## the rules' and the services' own tests, and how much of both they must reach
	$(BIN)/python -m tests.coverage_floors $(ROOMS) $(IN_PARALLEL) $(ARGS)

rules: .venv/.test ## the rules' own tests, and how much of the rules they must reach
	$(BIN)/python -m tests.coverage_floors backend.domain $(IN_PARALLEL) $(ARGS)

demo: .venv/.local ## each route from its beginning to cover, and the fund's year, played through real parts
	$(BIN)/tibao demo
	$(BIN)/tibao demo --route r3
	$(BIN)/tibao demo --route sg

web: $(WEB)/node_modules/.made ## the mini-program as a web page, for the emulator's /mini/
	cd $(WEB) && $(WITH_NODE) node build.mjs

pictures: .venv/.test web $(WEB)/.browser ## the pictures in docs/pictures: posters, and pages (PAGES='lift notice' for some)
	$(BIN)/python -m tests.pictures.previews
	$(BIN)/python -m tests.e2e.pictures "$$(cd $(WEB) && $(WITH_NODE) node browser.mjs)" $(PAGES)

types: .venv/.run $(WEB)/node_modules/.made ## the mini-program's API types, from our OpenAPI
	@mkdir -p var
	$(BIN)/tibao openapi >var/openapi.json
	cd $(WEB) && $(WITH_NODE) node types.mjs <../var/openapi.json

lint: .venv/.dev ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: .venv/.dev ## let ruff lay out the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .venv/.local ## our figures beside bare ones, in one run
	for part in bench/*.py; do $(BIN)/python -m bench.$$(basename $$part .py) || exit 1; done

worker: .venv/.run ## one worker (QUEUE=name), as in production
	$(BIN)/tibao worker $(QUEUE)

cron: .venv/.run ## the periodic jobs, as in production
	$(BIN)/tibao cron

migrate: .venv/.run ## bring the database's tables up to date
	$(BIN)/tibao migrate

lock: .venv/.dev ## renew requirements/*.txt from requirements/*.in (UPGRADE=--upgrade)
	cd requirements && $(LOCK) -o run.txt run.in
	cd requirements && $(LOCK) -o local.txt -c run.txt local.in
	cd requirements && $(LOCK) -o test.txt -c local.txt test.in
	cd requirements && $(LOCK) -o dev.txt -c test.txt dev.in
	cd requirements && $(LOCK) -o node.txt node.in
	cd requirements && $(LOCK) -o audit.txt -c dev.txt audit.in

old-browser: .venv/.test $(WEB)/node_modules/.made ## the desk in Chromium 88 and 103; x86-64 only, fetches 100 MB once
	cd $(WEB)/old_chromium && $(WITH_NODE) npm ci --ignore-scripts --no-audit --no-fund && \
		$(WITH_NODE) node path.mjs
	$(BIN)/pytest -n 0 tests/api/desk/test_in_a_browser.py -k browsers_that_offices_have

check-deps: .venv/.audit $(WEB)/node_modules/.made ## known faults and old releases in what we depend on; needs the network
	$(BIN)/python -m tests.dependency_ages
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		$(patsubst %,--requirement requirements/%.txt,dev node audit)
	cd $(WEB) && $(WITH_NODE) npm audit

clean: ## remove everything that was installed or made here, and the local servers' data
	rm -rf .venv var $(WEB)/dist $(WEB)/.browser $(WEB)/node_modules
	rm -rf $(WEB)/chromium/node_modules $(WEB)/chromium/unpacked

# The environment, made on demand. A stamp says that a list of requirements is installed, so the
# second `make run` starts at once; each list holds the shorter ones: run < local <
# test < dev.
.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 或更新的版本，例如 make PYTHON=python3.12 run /" \
		"$(PYTHON) must be Python 3.11 or newer" >&2; exit 1; }
	@echo "==> making .venv with $$($(PYTHON) --version)"
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.%: requirements/%.txt pyproject.toml | .venv/.made
	@echo "==> installing what \`$*\` needs: $$(grep -c == $<) packages, a minute or two"
	$(PIP) --require-hashes --requirement $< || { $(NOT_INSTALLED); exit 1; }
	$(PIP) --quiet --no-deps --no-build-isolation --editable . || { $(NOT_INSTALLED); exit 1; }
	@echo "==> installed"
	@touch $@

# What the web build runs on: the machine's Node where it is new enough, else PyPI's in .venv.
$(WEB)/node_modules/.made: $(WEB)/package-lock.json | .venv/.made
	@{ node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' && npm --version; } \
		>/dev/null 2>&1 || $(PIP) --require-hashes --requirement requirements/node.txt || \
		{ $(NOT_INSTALLED); exit 1; }
	cd $(WEB) && $(WITH_NODE) npm ci --ignore-scripts --no-audit --no-fund || \
		{ $(NOT_INSTALLED); exit 1; }
	@touch $@

# A Chromium for the tests: the machine's, else npm's.
$(WEB)/.browser: $(WEB)/chromium/package-lock.json | $(WEB)/node_modules/.made
	@cd $(WEB) && $(WITH_NODE) node browser.mjs 2>/dev/null || \
		{ cd chromium && $(WITH_NODE) npm ci --ignore-scripts --no-audit --no-fund && \
		$(WITH_NODE) node path.mjs; } || { $(NOT_INSTALLED); exit 1; }
	@touch $@

.PRECIOUS: .venv/.%
