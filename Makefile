# make run: start everything here. make test: try everything here. Needs Python 3.11 or newer, make and git.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint format bench lock docs words clean

venv := .venv
python := $(venv)/bin/python
# What comes from npm: a client that others wrote, and a look at pages for what keeps people out.
nodes := tests/interop/openid_client tests/browser/axe
# With the build tools in place from their own lock, nothing that is built needs the network.
install := $(python) -m pip install --quiet --disable-pip-version-check --no-build-isolation

# A folder that was moved, or a Python that is gone, starts afresh.
ifneq ($(shell $(python) -c '' 2>/dev/null && cat $(venv)/made.stamp 2>/dev/null),$(CURDIR))
$(shell rm -f $(venv)/*.stamp)
endif

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: $(venv)/run.stamp ## Start both services and all they need, in this folder
	@exec $(python) -m quickstart

test: $(venv)/dev.stamp $(nodes:%=%/node_modules/made.stamp) ## Run every test; ARGS="-k login" chooses
	@exec $(python) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(venv)/dev.stamp ## Check style, types and the laws of the house
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	$(venv)/bin/lint-imports --no-logo
	$(python) -m pytest -q tests/house/test_laws.py -k "not broken"

format: $(venv)/dev.stamp ## Put the code in order
	$(python) -m ruff check --fix --exit-zero --quiet .
	$(python) -m ruff format .

bench: $(venv)/dev.stamp ## Measure what a request costs
	@exec $(python) -m bench $(ARGS)

docs: $(venv)/dev.stamp ## Write the generated pages of docs/
	$(venv)/bin/bailiwick settings > docs/settings.md

words: $(venv)/dev.stamp ## Bring the texts to translate up to date, in shared/translations/
	@exec $(python) -m tests.house.words

lock: $(venv)/dev.stamp ## Choose the newest versions again
	@set -e; lock() { $(venv)/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
		--no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements/$$1.lock $$2; }; \
	lock build requirements/build.in; \
	lock run pyproject.toml; \
	lock quickstart "-c requirements/run.lock requirements/quickstart.in"; \
	lock dev "-c requirements/run.lock -c requirements/quickstart.lock --extra quickstart --extra dev pyproject.toml"
	@! grep -inE 'https?://' requirements/*.lock
	@set -e; for folder in $(nodes); do npm update --prefix $$folder --package-lock-only --ignore-scripts --no-audit --no-fund; done
	@! grep -in resolved $(nodes:%=%/package-lock.json)

clean: ## Remove what was installed; what was stored under var/ stays
	rm -rf $(venv) $(nodes:%=%/node_modules) .pytest_cache .ruff_cache .mypy_cache .import_linter_cache

$(venv)/run.stamp: requirements/run.lock requirements/quickstart.lock pyproject.toml | $(venv)/made.stamp
	@echo "Installing what it needs into $(venv) (once, about a minute) …"
	@$(install) --require-hashes -r requirements/run.lock -r requirements/quickstart.lock
	@$(install) --no-deps --editable .
	@$(python) -m compileall -q api_service auth_service quickstart shared
	@touch $@

$(venv)/dev.stamp: requirements/dev.lock pyproject.toml | $(venv)/made.stamp
	@echo "Installing what the tests need into $(venv) (once, about two minutes) …"
	@$(install) --require-hashes -r requirements/dev.lock
	@$(install) --no-deps --editable .
	@touch $@

# Without npm, or without a network, their tests say that they could not run.
%/node_modules/made.stamp: %/package-lock.json
	@if command -v npm >/dev/null && npm ci --prefix $* --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel error >/dev/null; \
	then touch $@; fi

$(venv)/made.stamp: requirements/build.lock
	@test -w . || { echo "This folder cannot be written: $(CURDIR). Clone into one of your own." >&2; exit 1; }
	@set -e; for p in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
		if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$p; break; fi; \
	done; \
	test -n "$$found" || { echo "Bailiwick needs Python 3.11 or newer; here is $$(python3 --version 2>/dev/null || echo none). \
	With another one installed: make run PYTHON=/path/to/python3" >&2; exit 1; }; \
	"$$found" -c 'import ensurepip, venv' 2>/dev/null || { echo "$$found has no venv module. On Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }; \
	"$$found" -m venv --clear $(venv)
	@$(install) --require-hashes -r requirements/build.lock
	@echo "$(CURDIR)" > $@
