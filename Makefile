# `make demo` sets everything up and builds the corpus that ships with the project; `make viewer`
# shows the one in data/; `make test` runs all tests. All need Python 3.11 or newer, and nothing else.

PYTHON ?= python3
DATA ?= data
VENV := .venv
BIN := $(VENV)/bin
COMPILE := ../$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --fork-strategy fewest \
	--no-header --quiet --upgrade

# What pip can't install: Tesseract for the texts of covers, and tools that the tests provoke
# faults with.
DEBIAN_PACKAGES := python3-venv tesseract-ocr tesseract-ocr-eng sqlite3
DEBIAN_TEST_PACKAGES := strace chromium npm flite slurm-wlm munge

.PHONY: setup demo viewer test lint lock clean

setup: $(VENV)/.installed

demo: setup
	$(BIN)/python -m demo

# The corpus in `DATA`, in a browser.
viewer: setup
	$(BIN)/python -m scripts.viewer --data $(DATA)

test: setup $(VENV)/.installed-dev lint
	$(BIN)/python -m pytest -n logical --dist loadfile

lint: setup $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

lock: $(VENV)/.installed-dev
	$(BIN)/pip install --quiet uv
	cd envs && $(COMPILE) --output-file requirements.txt requirements.in
	cd envs && $(COMPILE) --output-file requirements-dev.txt requirements-dev.in
	cd envs && $(COMPILE) --no-deps --output-file requirements-slurm.txt requirements-slurm.in

clean:
	rm -rf $(VENV) demo/corpus

$(VENV)/.installed: envs/requirements.txt
	envs/require-debian-packages $(DEBIAN_PACKAGES)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r envs/requirements.txt
	touch $@

$(VENV)/.installed-dev: envs/requirements-dev.txt envs/requirements-slurm.txt $(VENV)/.installed
	envs/require-debian-packages $(DEBIAN_TEST_PACKAGES)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes \
		-r envs/requirements-dev.txt
	# Apart, so that only its tests load it.
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade \
		--target $(VENV)/slurm -r envs/requirements-slurm.txt
	touch $@
