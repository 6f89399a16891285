# Everything a person types here. Needs Python 3.11 and make; the rest is fetched into $(VENV).
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=
SCALE  ?= 1
export PYTHONPATH := src
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: run reset test check bench features sandbox lock format help

help:            ## this list
	@grep -hE '^[a-z]+: .*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# The packages named in requirements.lock, by hash; done again only when that file changes.
$(VENV)/.ready: requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==0.13.9"
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	@touch $@

run: $(VENV)/.ready      ## set up, start everything, load the demo district once
	@$(BIN)/python -m shangquan.run --scale $(SCALE)

reset: $(VENV)/.ready    ## throw the local database and sandbox state away
	@$(BIN)/python -m shangquan.run --reset

test: $(VENV)/.ready     ## the tests; ARGS goes to pytest
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: $(VENV)/.ready    ## lint, types, import contracts, laws of the house, migrations, OpenAPI
	@$(BIN)/python -m tools.check

bench: $(VENV)/.ready    ## hot paths against the database's own limit
	@$(BIN)/python -m bench $(ARGS)

features: $(VENV)/.ready ## which features of the catalogue have passing tests
	@$(BIN)/python -m tools.features

sandbox: $(VENV)/.ready  ## the WeChat and WeChat Pay sandbox alone
	@$(BIN)/python -m superapp_sandbox

lock:                    ## pin what pyproject.toml asks for
	@$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --python-version 3.11 --quiet -o requirements.lock

format: $(VENV)/.ready   ## let ruff lay the code out
	@$(BIN)/ruff format src tests tools bench && $(BIN)/ruff check --fix --quiet src tests tools bench
