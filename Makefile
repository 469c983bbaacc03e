# A fresh machine needs Python 3.11+, make and a C++ compiler. Nothing is installed outside .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test proof bench bench-w1 bench-dice lint lock clean
.DELETE_ON_ERROR:

demo: .venv/ready  ## learn to count cars by lane on the virtual board, bit by bit what a board does
	$(BIN)/spinloom run lanes --on sim --seed 1 --curve

test: .venv/ready lint  ## everything that fits in a coffee break
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not proof"

proof: .venv/ready  ## the long proofs: whole recordings on three seeds, all bitstreams
	$(BIN)/python -m pytest -q -m proof

bench: .venv/ready  ## speeds on this machine
	$(BIN)/python bench/golden.py
	$(BIN)/python bench/virtual_board.py

bench-w1: .venv/ready  ## workload W1 against its peers, kept in docs/w1 (on an idle machine)
	$(BIN)/python -m spinloom.bench.w1 --install-peers --record

bench-dice: .venv/ready  ## what the battery of tests says of the spin dice, kept in docs/dice
	$(BIN)/python bench/dice.py --record

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The lock file pins every package by hash; the project itself is installed in place.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Spinloom needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

lock:  ## resolve the dependencies again (needs uv)
	uv pip compile --universal --generate-hashes --all-extras --python-version 3.11 \
	  --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.lock

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache
