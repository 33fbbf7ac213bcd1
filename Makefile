# What people and CI call. Everything is installed into .venv; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Texts that `make bench` fills a large shelf with: JSON lines with a `text`, gzipped.
TEXTS ?= ../shared/data/text
# Sizes of the shelf, in chunks, that `make bench` measures.
SIZES ?= 10000 100000
RESULTS := benchmarks/results
# What `make bench` measures, in this order.
MEASURED := encoding questions cold_start reader_speed many_questions retrieval_ablation load adding many_chunks \
    store_choice scale_constants peers
OPTIONS_many_chunks = --data $(TEXTS) --sizes $(SIZES)
OPTIONS_store_choice = --data $(TEXTS)
OPTIONS_peers := --work .rag/peers
SOURCES := rag embeddings training benchmarks docs tests app.py

.PHONY: run test soak check format lint types unit eval bench bench-page peers FORCE browser tour clean

run: $(VENV)/installed
	$(BIN)/python app.py

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -q -m browser
	$(BIN)/python -m pytest -q -m accuracy
	$(BIN)/python -m pytest -q -m "not browser and not accuracy and not soak"

soak: $(VENV)/installed-dev
	$(BIN)/python -m pytest -q -s -m soak

check: format lint types unit

format: $(VENV)/installed-dev
	$(BIN)/ruff format --check $(SOURCES)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check $(SOURCES)

types: $(VENV)/installed-dev
	$(BIN)/mypy

unit: $(VENV)/installed-dev
	$(BIN)/python -m pytest -q

browser: $(VENV)/installed-dev
	$(BIN)/python -m pytest -q -m browser

eval: $(VENV)/installed
	$(BIN)/rag index seeds
	$(BIN)/rag eval --questions seeds/questions.jsonl --html report.html

# Measures all, one after another, and shows it: an hour or more, on a machine that does nothing
# else. One of them: `make benchmarks/results/encoding.json bench-page`.
bench: $(VENV)/installed-dev
	$(MAKE) --keep-going --jobs=1 $(patsubst %,$(RESULTS)/%.json,$(MEASURED)) bench-page

bench-page: $(VENV)/installed-dev
	$(BIN)/python -m docs.performance_page

# Never up to date: a result depends on the machine, too.
$(RESULTS)/%.json: FORCE | $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.$* $(OPTIONS_$*) --out $@

# One thread, where it is the time of a core that is told.
$(patsubst %,$(RESULTS)/%.json,many_questions adding many_chunks store_choice): export OMP_NUM_THREADS := 1

$(RESULTS)/many_chunks.json $(RESULTS)/store_choice.json: $(RESULTS)/%.json: FORCE | $(VENV)/installed-dev
	@if [ -d $(TEXTS) ]; then $(BIN)/python -m benchmarks.$* $(OPTIONS_$*) --out $@; else \
	    echo "$*: not measured; name a folder of texts with TEXTS="; fi

$(RESULTS)/scale_constants.json: FORCE | $(VENV)/installed-dev
	$(BIN)/rag index seeds --index .rag/scale
	$(BIN)/python -m benchmarks.scale_constants .rag/scale seeds --out $@

FORCE:

peers: $(RESULTS)/peers.json bench-page

tour: $(VENV)/installed-dev
	$(BIN)/python -m docs.tour_pictures
	$(BIN)/python -m docs.tour_notebook

clean:
	rm -rf $(VENV) .rag .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; run: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@
