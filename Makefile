# The commands of this project. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
UV_VERSION := 0.13.9
BIN := $(VENV)/bin
PROCESSES ?= 2
TESTS ?=
CODE := marketplace sandbox embedded bench config.py wsgi.py gunicorn.conf.py
CATALOG := marketplace/translations
MESSAGES := $(patsubst %.po,%.mo,$(wildcard $(CATALOG)/*/LC_MESSAGES/messages.po))

QUICKLY := $(BIN)/python -m pytest -q --no-header -p no:randomly
HOUSE = $(patsubst %,tests/architecture/test_%.py,$(1))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# What is compiled is kept: else each of the many processes compiles all of the product once more.
export PYTHONDONTWRITEBYTECODE :=
.PHONY: help run test faults check static assets format-check lint types imports migrations templates security \
	translations-check golden-check house-check bench golden lock format translations browser clean

help: ## list the commands
	@echo "Causeway: a marketplace in which every sale carries a cause"; echo
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.runtime $(MESSAGES) ## start everything and print the address (Ctrl-C stops it; PORT=8001 make run)
	@exec $(BIN)/python -m marketplace.run

test: $(VENV)/.dev $(MESSAGES) ## run the whole suite, the sandbox's too (TESTS=tests/ledger for a part, SEED=1 for an order of its own)
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile $(if $(SEED),--randomly-seed=$(SEED)) $(if $(TESTS),$(TESTS),--cov --cov-report=term)

faults: $(VENV)/.dev $(MESSAGES) ## the long run of the faults: 2 000 orders of messages, kills, mutants, all nonsense; ends with a line of JSON
	@FAULTS=long $(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile tests/faults tests/browser/hostile

check: static house-check ## all checks that need no run of the suite
	@echo "All checks passed."

static: format-check types lint imports templates security translations-check ## those that only read the source (make -j2 static for two at a time)

format-check: $(VENV)/.dev ## is the code formatted?
	@echo "format"; $(BIN)/ruff format --check --quiet . || { echo "Not formatted: run 'make format'."; exit 1; }

lint: $(VENV)/.dev ## ruff's rules
	@echo "lint"; $(BIN)/ruff check --quiet .

types: $(VENV)/.dev ## mypy, strict
	@echo "types"; out=$$($(BIN)/mypy $(CODE)) || { echo "$$out" | grep -v ': note:'; exit 1; }

imports: $(VENV)/.dev ## who may import whom
	@echo "imports"; out=$$($(BIN)/lint-imports --no-logo --no-cache) || { echo "$$out" | sed -n '/^Contracts:/,$$p'; exit 1; }

templates: $(VENV)/.dev ## djlint over the HTML templates
	@echo "templates"; $(BIN)/djlint --lint --quiet templates sandbox/templates

security: $(VENV)/.dev ## bandit
	@echo "security"; $(BIN)/bandit --quiet --format custom --msg-template '{relpath}:{line}: {test_id} {msg}' --recursive --configfile pyproject.toml $(CODE)

translations-check: $(VENV)/.dev ## is every text translated and every translation current?
	@echo "translations"; $(BIN)/python -m marketplace.core.i18n_check

migrations: $(VENV)/.dev ## do the migrations make what the models say, in one line?
	@echo "migrations"; $(QUICKLY) $(call HOUSE,migrations)

golden-check: $(VENV)/.dev $(MESSAGES) ## do the golden files still tell the truth?
	@echo "golden files and conventions"; $(QUICKLY) $(call HOUSE,access conventions docs settings)

house-check: $(VENV)/.dev $(MESSAGES) ## the last two in one go
	@echo "migrations, golden files and conventions"; $(QUICKLY) $(call HOUSE,migrations access conventions docs settings)

golden: $(VENV)/.dev $(MESSAGES) ## write the golden files anew: read the difference before you commit it
	@GOLDEN=write $(BIN)/python -m pytest -q -p no:randomly tests/architecture/test_access.py tests/architecture/test_settings.py tests/accounts tests/journeys tests/proofs/test_verify.py -m "not browser"
	@git --no-pager diff --stat -- tests/golden docs

assets: $(VENV)/.dev ## build the static files, which everything that starts the product does by itself
	@echo "static files"; $(BIN)/python -m marketplace.look.build

bench: $(VENV)/.dev ## measure: requests, purchases, CPU per operation
	@$(BIN)/python -m bench

browser: $(VENV)/.dev $(MESSAGES) ## only the journeys in a real browser
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile -m browser

format: $(VENV)/.dev ## format the code
	@$(BIN)/ruff check --quiet --fix-only . ; $(BIN)/ruff format --quiet .

translations: $(VENV)/.dev ## collect texts from the source and bring the catalogues up to date
	@$(BIN)/pybabel -q extract -F babel.cfg --ignore-dirs '.*' -k _l -k _ -k ngettext:1,2 -k pgettext:1c,2 --no-location --sort-output --project=Causeway -o $(CATALOG)/messages.pot .
	@$(BIN)/pybabel -q update -i $(CATALOG)/messages.pot -d $(CATALOG) --no-fuzzy-matching --ignore-pot-creation-date

lock: $(VENV)/.dev ## resolve the requirements and lock them with hashes
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 requirements-dev.in -o requirements-dev.lock
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 -c requirements-dev.lock requirements.in -o requirements.lock

clean: ## remove what can be made again; the data in instance/ stays
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

%.mo: %.po | $(VENV)/.runtime
	@$(BIN)/pybabel -q compile -i $< -o $@

$(BIN)/uv:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or later is needed: install python3."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Set PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: on Debian and Ubuntu, apt-get install python3-venv."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# The stamps say which lock was installed; the dev lock is a superset, so either serves `make run`.
$(VENV)/.runtime: requirements.lock | $(BIN)/uv
	@if test -e $(VENV)/.dev && test $(VENV)/.dev -nt requirements-dev.lock; then :; else \
		echo "Installing what the product needs (once)."; rm -f $(VENV)/.dev; \
		$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock; fi
	@touch $@

# One after the other: with `make -j` each would take away what the other puts there.
$(VENV)/.dev: requirements-dev.lock | $(VENV)/.runtime
	@echo "Installing what tests and checks need (once)."
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.lock
	@touch $@ $(VENV)/.runtime
