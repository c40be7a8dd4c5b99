# Two commands: `make demo` opens the page, `make test` tests everything.
# Needs Python 3.10 to 3.12; another one than python3: make demo PYTHON=python3.12

PYTHON ?= $(firstword $(wildcard .venv/bin/python) python3)
VENV := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test check bench

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1 - /p' Makefile

demo: ## install what the page needs and serve it on 127.0.0.1:7860 (VIDGEN_HOST, VIDGEN_PORT)
	@$(PYTHON) -m tools.install demo
	@$(VENV) app.py

test: ## install what the tests need and run them; more for pytest: make test ARGS="-n 0 -k loop"
	@$(PYTHON) -m tools.install test
	@$(VENV) -m tools.chromium
	@$(VENV) -m pytest -n auto --dist loadfile $(ARGS)

check: ## format, lint, types, and whether everything compiles
	@$(PYTHON) -m tools.install test
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m pyright
	$(VENV) -m compileall -q app.py vidgen train tools tests

bench: ## measure from slider to pixel in a real Chromium and write bench.json
	@$(PYTHON) -m tools.install test
	@$(VENV) -m tools.chromium
	@PYTHONPATH=. $(VENV) tests/bench/bench.py --out bench.json
