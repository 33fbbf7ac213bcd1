# What people and CI call. Everything is installed into .venv; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Texts that `make bench` fills a large shelf with: JSON lines with a `text`, gzipped.
TEXTS ?= ../shared/data/text
SOURCES := rag embeddings training benchmarks docs tests app.py

.PHONY: run test soak check format lint types unit eval bench peers browser tour clean

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

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.retrieval_ablation seeds
	$(BIN)/python -m benchmarks.reader_speed
	$(BIN)/python -m benchmarks.encoding
	$(BIN)/python -m benchmarks.cold_start
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.many_questions
	@if [ -d $(TEXTS) ]; then $(BIN)/python -m benchmarks.many_chunks --data $(TEXTS) --sizes 10000; else \
	    echo "many chunks: not measured; name a folder of texts with TEXTS="; fi

peers: $(VENV)/installed
	$(BIN)/python -m benchmarks.peers --work .rag/peers

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
