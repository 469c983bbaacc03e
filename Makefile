# Everything a fresh machine needs: Python 3.11+, make and a C++ compiler. Nothing is installed outside .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test proof bench lint lock clean
.DELETE_ON_ERROR:

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
