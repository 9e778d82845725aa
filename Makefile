# `make demo` sets everything up and builds the corpus that ships with the project.
# `make viewer` shows the corpus in data/.
# `make test` runs all tests; `make test-fast` leaves out browsers, clusters and whole builds.
# `make pocketsphinx` and `make tesserocr` install engines that the default settings do not use.
# `make benchmark-tools` installs the programs that the benchmarks compare with.
# All need Python 3.11 or newer, and nothing else.

PYTHON ?= python3
DATA ?= data
VENV := .venv
BIN := $(VENV)/bin
COMPILE := ../$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --fork-strategy fewest \
	--no-header --quiet --upgrade

# Packages that pip can't install: Tesseract reads the texts of covers, the tests provoke faults with
# the second list, and the benchmarks compare with the third.
DEBIAN_PACKAGES := python3-venv tesseract-ocr tesseract-ocr-eng sqlite3
DEBIAN_TEST_PACKAGES := strace chromium-headless-shell firefox-esr npm flite slurm-wlm munge
DEBIAN_BENCHMARK_PACKAGES := aria2 ffmpeg rsync

# Each has its own lock file.
ENGINES := pocketsphinx tesserocr

# The Debian whose newer Python runs the demo, too.
OTHER_DEBIAN := trixie

# Many tests wait for a browser or a server, so more of them run at a time than there are cores.
IN_PARALLEL := -n 4 --dist loadfile --no-loadscope-reorder

.PHONY: setup $(ENGINES) demo viewer test test-fast test-other-debian lint lock benchmark-tools clean

setup: $(VENV)/.installed

$(ENGINES): %: setup $(VENV)/.installed-%

# The demo's engine needs no download.
demo: setup pocketsphinx
	$(BIN)/python -m demo

# The corpus in `DATA`, in a browser.
viewer: setup
	$(BIN)/python -m scripts.viewer --data $(DATA)

test: setup $(VENV)/.installed-test lint
	$(BIN)/python -m pytest $(IN_PARALLEL)
	$(MAKE) test-other-debian

test-fast: setup $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(IN_PARALLEL) \
		-m "not (browser or build or cluster or slow)"

test-other-debian:
	.ci/in-debian $(OTHER_DEBIAN) make demo test-fast

lint: setup $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

lock: $(VENV)/.installed-dev
	$(BIN)/pip install --quiet uv
	cd envs && for name in requirements $(ENGINES:%=requirements-%) requirements-dev; do \
		$(COMPILE) --output-file $$name.txt $$name.in || exit; done
	cd envs && $(COMPILE) --no-deps --output-file requirements-slurm.txt requirements-slurm.in

benchmark-tools: setup $(VENV)/.installed-dev
	envs/require-debian-packages $(DEBIAN_BENCHMARK_PACKAGES)

clean:
	rm -rf $(VENV) demo/corpus

$(VENV)/.installed: envs/requirements.txt
	envs/require-debian-packages $(DEBIAN_PACKAGES)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r envs/requirements.txt
	touch $@

$(VENV)/.installed-%: envs/requirements-%.txt $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

# Tests and benchmarks use all engines.
$(VENV)/.installed-dev: $(ENGINES:%=$(VENV)/.installed-%)

$(VENV)/.installed-test: envs/requirements-slurm.txt $(VENV)/.installed-dev
	envs/require-debian-packages $(DEBIAN_TEST_PACKAGES)
	# In a separate folder, so that only its tests load it.
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade \
		--target $(VENV)/slurm -r envs/requirements-slurm.txt
	touch $@
