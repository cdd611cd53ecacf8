# The two commands that matter: `make run` and `make test`. Needs make and Python 3.11 to 3.13, nothing else.
.DEFAULT_GOAL := help
.PHONY: help run demo setup train doctor test lint unit dialogue e2e bench bench-understanding bench-escalation bench-queue bench-cases bench-pages clean

# The python3 on PATH where it is one of those served, else the first that is.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	if "$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; \
	then echo "$$p"; exit; fi; done; command -v python3 >/dev/null && echo python3)
NO_PYTHON := echo "warmline: no Python was found. Install 3.11, 3.12 or 3.13 and put it on PATH." >&2; exit 1;
BOOTSTRAP := $(or $(PYTHON),$(NO_PYTHON)) -m warmline.bootstrap

help: ## this list
	@echo "make run      set up what is missing, start Warmline, and print where it is (Ctrl-C ends it)"
	@echo "make test     lint, types and every test in both environments, real processes and browser included"
	@echo "make demo     bring the running demo to life: two months of history, customers and agents who talk (Ctrl-C ends it)"
	@echo ""
	@echo "make setup    set up what is missing, and stop there"
	@echo "make train    train the assistant on data/; a running bot answers with it at once"
	@echo "make doctor   check every part; say what is wrong and what mends it"
	@echo "make lint     ruff, format and mypy"
	@echo "make unit     the tests that need no running Warmline"
	@echo "make dialogue conversations with the trained assistant"
	@echo "make e2e      the end-to-end tests: three real processes and a real browser"
	@echo "make bench    measure the speed beside a stock Rasa"
	@echo "make bench-understanding  measure how well messages are understood"
	@echo "make bench-escalation     measure when a person takes over, and how moods are read"
	@echo "make bench-queue          simulate days of a queue, and hold its order to its bound"
	@echo "make bench-cases          measure casework with a million closed cases, and 500 conversations at once"
	@echo "make bench-pages          measure how smoothly the desk moves with much on it"
	@echo "make clean    remove caches and test results; databases, models and environments stay"

run:
	@$(BOOTSTRAP) up

demo:
	@$(BOOTSTRAP) --app-only demo

setup:
	@$(BOOTSTRAP) setup

train:
	@$(BOOTSTRAP) train

doctor:
	@$(BOOTSTRAP) --app-only doctor

test:
	@$(BOOTSTRAP) --dev test

lint:
	@$(BOOTSTRAP) --dev --app-only test lint

unit:
	@$(BOOTSTRAP) --dev test tests bot

dialogue:
	@$(BOOTSTRAP) --dev test dialogue

e2e:
	@$(BOOTSTRAP) --dev test e2e

bench:
	@$(BOOTSTRAP) --dev setup
	@.venv/app/bin/python -m benchmarks

bench-understanding:
	@$(BOOTSTRAP) setup
	@.venv/app/bin/python -m benchmarks.understanding

bench-escalation:
	@$(BOOTSTRAP) --dev setup
	@.venv/app/bin/python -m benchmarks.escalation

bench-queue:
	@$(BOOTSTRAP) setup
	@.venv/app/bin/python -m benchmarks.queue

bench-cases:
	@$(BOOTSTRAP) --dev setup
	@.venv/app/bin/python -m benchmarks.cases

bench-pages:
	@$(BOOTSTRAP) --dev setup
	@.venv/app/bin/python -m benchmarks.pages

clean:
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .rasa results
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
