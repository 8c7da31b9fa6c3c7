# The verbs. `make demo` and `make test` need nothing but Python >= 3.11, make and a package registry.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
# Where the acceptance definitions of other engines are, with the program that plays them.
AT ?= ../shared/tools/at
# What `make test` installs beside the package; CI adds the independent engine.
EXTRAS ?= dev

# One lock for every platform and Python; no address of any registry goes into it.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade --no-header
LOCKED_EXTRAS := crypto demo parquet quickfix
# Where `make sbom` writes to.
SBOM ?= build/fixgate.cdx.json

.PHONY: demo test install check style types imports live interop interop-soak browser crash soak fuzz mutations scenario-mutations certify-quickfix scenarios-quickfix conformance bench cov docs lock test-locked audit sbom clean

demo: $(VENV)/.demo ## start the simulated exchange, check a fleet against it, write the reports
	@$(BIN)/fixgate demo

test: install ## every test that this machine can run
	$(BIN)/pytest

install: $(VENV)/.$(EXTRAS) ## the package and its development tools, in .venv

check: style types imports ## style, types, layers and the quick tests
	$(BIN)/pytest -q -m "not live and not interop and not browser and not crash"

style: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports

interop-soak: install ## an hour of random traffic between QuickFIX and us, in both roles
	FIXGATE_SOAK_STEPS=$(or $(STEPS),20000) FIXGATE_SOAK_SEEDS="$(or $(SEEDS),$(shell date +%s))" \
		$(BIN)/pytest tests/interop/test_soak.py

live interop browser crash: install ## one kind of test alone
	$(BIN)/pytest -m $@

soak: install ## two sessions through 100,000 random events, judged by an oracle
	$(BIN)/python -m tests.session.simulation --events 100000

fuzz: install ## ten million mutated messages, and as much for the readers of files; FOR= seconds
	@$(BIN)/python -m fuzz run $(if $(FOR),--for $(FOR)) $(if $(MESSAGES),--messages $(MESSAGES)) \
		$(if $(SEED),--seed $(SEED)) $(if $(FROM),--from $(FROM)) $(if $(JOBS),--jobs $(JOBS))

mutations: install ## break every rule of the session, and see that its test notices
	$(BIN)/python -m tools.mutate_session

scenario-mutations: install ## break what each scenario is about, and see that it says FAIL
	$(BIN)/python -m tools.mutate_scenarios

certify-quickfix: install ## the pack iso3531 live against QuickFIX on either side; results in INTO
	$(BIN)/python -m tools.certify_quickfix $(or $(INTO),build/certificates)

scenarios-quickfix: install ## every story live against QuickFIX on either side, and the page about it
	$(BIN)/python -m tools.run_quickfix $(or $(INTO),build/quickfix) $(if $(ONLY),--only $(ONLY))

conformance: install ## engines' acceptance definitions against our venue, under both rule sets
	$(BIN)/python tools/play_definitions.py $(AT)

bench: install ## every measured claim, beside its peer or floor
	$(BIN)/python bench/codec.py
	$(BIN)/python bench/validate.py
	$(BIN)/python bench/venue.py
	$(BIN)/python bench/round_trip.py
	$(BIN)/python bench/sessions.py
	$(BIN)/python bench/resend.py
	$(BIN)/python bench/strangers.py
	$(BIN)/python bench/crowd.py
	$(BIN)/python bench/wire.py
	$(BIN)/python bench/host.py
	$(BIN)/python bench/triage.py

cov: install
	$(BIN)/pytest --cov --cov-report=term-missing:skip-covered

docs: install ## regenerate what is made from the code
	$(BIN)/python tools/make_state_machine.py
	$(BIN)/python tools/make_faults.py
	$(BIN)/python tools/make_triage.py
	$(BIN)/python -m tools.mutate_session --docs
	$(BIN)/python tools/make_scenario_index.py

lock: install ## requirements.lock and requirements-extras.lock anew, with the newest that pyproject.toml allows
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml -c requirements.lock $(LOCKED_EXTRAS:%=--extra %) -o requirements-extras.lock

test-locked: ## every test, with the versions of the lock
	$(MAKE) VENV=.venv-locked .venv-locked/.locked
	.venv-locked/bin/pytest

audit: install ## known vulnerabilities of what is installed; fails where nobody can be asked
	$(BIN)/python tools/audit.py

sbom: install ## the packages that fixgate needs at run time, as CycloneDX JSON
	$(BIN)/python tools/make_sbom.py $(SBOM)

clean:
	rm -rf $(VENV) .venv-locked build dist demo-output .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "fixgate needs Python 3.11 or later; none was found" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.locked: $(BIN)/python requirements-extras.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-extras.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,quickfix]'
	@touch $@

$(VENV)/.%: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@
