# `make demo` shows the main job; `make test` runs every test. Both set everything up by themselves.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/.run
TEST := $(VENV)/.test

.PHONY: demo test lint readme requirements clean

demo: $(RUN)
	@$(VENV)/bin/pawl demo

test: $(TEST) lint
	@$(VENV)/bin/coverage erase
	@$(VENV)/bin/python -m pytest -q -n 2 --dist worksteal --cov --cov-report= --cov-fail-under=0 || { \
	  code=$$?; [ $$code = 1 ] || exit $$code; \
	  echo "What failed beside another worker gets one look alone:"; \
	  $(VENV)/bin/python -m pytest -v --last-failed --last-failed-no-failures none --cov --cov-append --cov-report= --cov-fail-under=0 && \
	  echo "All of it passed alone. A test that fails beside others is flaky: mend it."; }
	@$(VENV)/bin/coverage report

lint: $(TEST)
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-cache

$(RUN): .requirements/run.txt pyproject.toml .ci/setup
	@PYTHON=$(PYTHON) .ci/setup run

$(TEST): .requirements/test.txt pyproject.toml .ci/setup
	@PYTHON=$(PYTHON) .ci/setup test

requirements:
	@cd .requirements && for each in run test; do uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes \
	  --custom-compile-command "make requirements" $$each.in -o $$each.txt; done

clean:
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

readme: $(TEST)
	@$(VENV)/bin/python tests/house/catalogue.py
