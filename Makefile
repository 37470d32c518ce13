PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
ON_ALL_CORES := --numprocesses auto --dist loadgroup
# Tests of servers wait more than they work: for what starts, ends and times out.
TWO_A_CORE = --numprocesses $(shell $(PYTHON) -c "import os; print(2 * os.cpu_count())") --dist loadgroup
# What is run finds the tools of the environment, uv among them.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help demo test test-fast test-deep golden zoo bench lint format iris-model

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --requirement pyproject.toml --extra test
	touch $(READY)

demo: $(READY) ## Bake the default project, serve it, and predict some irises
	$(BIN)/python scripts/demo.py

test: $(READY) ## Run all tests but the deep ones
	$(BIN)/python -m pytest -m "not deep" $(TWO_A_CORE)

test-fast: $(READY) ## Run the tests that take less than a minute
	$(BIN)/python -m pytest $(ON_ALL_CORES)

test-deep: $(READY) ## Run floods, mutants and whole zoos, which takes up to an hour
	$(BIN)/python -m pytest -m deep $(ON_ALL_CORES)

golden: $(READY) ## Write the baked projects anew that are kept in tests/rendering/golden
	$(BIN)/python tests/helpers/golden.py

zoo: $(READY) ## Serve ONNX models as they are found, and write docs/zoo.md: half an hour
	$(BIN)/python scripts/zoo.py $(if $(FOLDER),--folder $(FOLDER)) $(if $(EVERY),--every $(EVERY))

bench: $(READY) ## Measure beside peers (PEERS=fastapi,mosec, STEPS="tensor jpeg"), or a commit: BEFORE=REF
	$(BIN)/python -m benchmarks $(if $(PEERS),--peers $(PEERS)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(STEPS),--steps $(STEPS)) \
		$(if $(BEFORE),--before $(BEFORE)) $(if $(AT_LEAST),--at-least $(AT_LEAST))

lint: $(READY) ## Check style and types
	$(BIN)/ruff check benchmarks grpc_ml_template hooks models scripts tests
	$(BIN)/ruff format --check benchmarks grpc_ml_template hooks models scripts tests
	$(BIN)/mypy
	$(BIN)/python scripts/lint_engine.py

iris-model: $(READY) ## Train the example model again
	$(BIN)/uv pip install --quiet --python $(BIN)/python --requirement pyproject.toml --extra train
	$(BIN)/python models/train_iris.py
