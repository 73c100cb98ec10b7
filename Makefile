# Two commands do everything: `make demo` and `make test`. `make` alone lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup setup-window demo run test hunt test-model lint format types contracts check package pictures translations lock clean

PYTHON ?= $(firstword $(shell command -v python3 || command -v python))
BIN := .venv/bin
UV_VERSION := 0.13.9

# Read by the demo; what is given to make on its command line reaches it through the environment.
export MODEL QUESTION DOCS

TEST_MODEL := smollm2-135m
TEST_HOME := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/rlm-desktop/test-home

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## create .venv with the locked packages (the other targets do it by themselves)
	@$(if $(PYTHON),,echo "Python 3.11 or newer is needed and no python3 was found." >&2; exit 1;) \
	"$(PYTHON)" packaging/setup_env.py

setup-window:
	@$(if $(PYTHON),,echo "Python 3.11 or newer is needed and no python3 was found." >&2; exit 1;) \
	"$(PYTHON)" packaging/setup_env.py --window

demo: setup ## ask a question of Python's standard library [MODEL=smollm2-135m QUESTION=… DOCS=PATH]
	@$(BIN)/python packaging/demo.py

run: setup-window ## open the window
	@$(BIN)/rlm-desktop

test: setup-window test-model ## run the tests
	@RLM_TEST_MODEL="$(TEST_HOME)/models/$(TEST_MODEL).gguf" $(BIN)/python -m pytest $(ARGS)

hunt: setup-window ## try a thousand random examples of whatever is tested by examples [ARGS=tests/events]
	@$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=hunt $(ARGS)

test-model:
	@RLM_DESKTOP_HOME="$(TEST_HOME)" $(BIN)/rlm-desktop models pull $(TEST_MODEL)

lint: setup ## check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup ## format the code and sort the imports
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup ## check the types
	@$(BIN)/mypy

contracts: setup ## check which module may import which
	@$(BIN)/lint-imports

check: lint types contracts ## lint, types and import contracts

package: setup-window ## make a folder that runs without Python, dist/rlm-desktop, and check it (a minute)
	@$(BIN)/python packaging/bundle.py $(wildcard $(TEST_HOME)/models/$(TEST_MODEL).gguf)

pictures: setup-window ## take pictures of every view of the window, into screenshots/ [SUBJECT=answer]
	@$(BIN)/python -m tests.gui.shots $(SUBJECT)

translations: setup-window ## collect the words of the window for translators, and compile them [LANGUAGE=de]
	@$(BIN)/python packaging/translations.py $(LANGUAGE)

lock: setup ## write the lock files anew [UPGRADE=1 to take newer versions]
	@$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		$(if $(UPGRADE),--upgrade) --extra dev --no-emit-package llama-cpp-python \
		--output-file packaging/requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		$(if $(UPGRADE),--upgrade) --no-deps \
		--output-file packaging/llama-cpp-python.lock packaging/llama-cpp-python.in

clean: ## remove .venv and what the tools left (models, runs and the kept wheel stay)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
	@find rlm_desktop tests packaging -name __pycache__ -type d -prune -exec rm -rf {} +
