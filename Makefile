# raise-bot: `make run` to talk to it, `make test` to check it. Nothing here needs root or Docker.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8080
JOBS   ?= 2

.PHONY: run test test-scope simulate kills fuzz audit check bench penguin-smoke pictures lock help clean
.DEFAULT_GOAL := help

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

# A stamp per lock file: the second start installs nothing.
$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "raise-bot needs Python 3.11 or later; this is %s. Set PYTHON=/path/to/python3.11" % sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what raise-bot needs (once) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.run  ## open the playground on http://127.0.0.1:8080
	@$(BIN)/raise-bot playground --port $(PORT) --state state

test: $(VENV)/.dev  ## run the whole test suite, two tests at a time (JOBS=4 for four)
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

test-scope: $(VENV)/.dev  ## 100,000 interleaved conversations: no value reaches anybody it is not for (minutes)
	@RAISE_SCOPE_CONVERSATIONS=100000 $(BIN)/python -m pytest -o timeout=3600 tests/property/test_scope_property.py

simulate: $(VENV)/.dev  ## 10,000 simulated worlds with faults by seed (half an hour); RAISE_SIMULATE_SEED=123 prints one
	@$(BIN)/python -m tests.support.simulation $(ARGS)

kills: $(VENV)/.dev  ## kill -9 one of two replicas 1,000 times under load (under an hour; ARGS="--kills 10 --seed 2")
	@$(BIN)/python -m tests.support.slack.kills $(ARGS)

fuzz: $(VENV)/.dev  ## 100,000 inputs for each parser and prompt (a quarter of an hour)
	@RAISE_FUZZ=100000 $(BIN)/python -m pytest -o timeout=0 tests/property/test_fuzz_platforms.py tests/property/test_fuzz_files.py tests/property/test_prompt_injection.py

audit: $(VENV)/.run  ## known holes in what the lock file pins (asks the package registry; fails when it cannot)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --target $(VENV)/audit pip-audit
	@PYTHONPATH=$(VENV)/audit $(BIN)/python -m pip_audit --strict --require-hashes --disable-pip -r requirements.lock

check: $(VENV)/.dev  ## lint, types and import contracts, in seconds
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/.dev  ## measure turns, latency, memory and load here (12 minutes; ARGS=--help)
	@$(BIN)/python -m tests.support.bench $(ARGS)

penguin-smoke: $(VENV)/.run  ## ten scenarios on a real model, at most $$1: the table and the price (needs its key)
	@model=$${MODEL:-$${ANTHROPIC_API_KEY:+anthropic}}; model=$${model:-$${OPENAI_API_KEY:+openai}}; \
	if [ -z "$$model" ]; then echo "penguin-smoke asks a real model: set ANTHROPIC_API_KEY or OPENAI_API_KEY (and MODEL=openai:NAME to choose one)" >&2; exit 2; fi; \
	rm -rf state/penguin/smoke; \
	$(BIN)/raise-bot penguin generate --count 10 --out state/penguin/smoke.csv && \
	$(BIN)/raise-bot penguin run --data state/penguin/smoke.csv --state state --model "$$model" --max-usd 1 \
	  --modes context-free,context-rich,raise --check 0 && \
	$(BIN)/raise-bot penguin report state/penguin/smoke

pictures: $(VENV)/.dev  ## renew the README's pictures (needs Chromium)
	@$(BIN)/python -m tests.support.pictures

lock: $(VENV)/.dev  ## renew the hash-pinned lock files from pyproject.toml
	@$(PYTHON) -m pip install --quiet --target $(VENV)/uv uv
	@$(VENV)/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file requirements.lock pyproject.toml .ci/build.in
	@$(VENV)/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --constraint requirements.lock --group dev --output-file requirements-dev.lock pyproject.toml .ci/build.in

clean:  ## remove the virtual environment
	@rm -rf $(VENV)
