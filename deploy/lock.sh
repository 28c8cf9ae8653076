#!/usr/bin/env bash
# Resolves pyproject.toml into requirements/*.txt with hashes, the same for Python 3.11 and 3.12. Usage: lock.sh BIN
set -eu
mkdir -p requirements
compile() {
  "$1/uv" pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links --quiet "${@:2}"
}
compile "$1" --output-file requirements/runtime.txt
compile "$1" --extra dev --constraint requirements/runtime.txt --output-file requirements/dev.txt
