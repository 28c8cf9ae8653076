#!/usr/bin/env bash
# Says in one line each what this machine lacks. Usage: needs.sh PYTHON
set -u
python=${1:-}
lacks=0
say() { echo "missing: $1" >&2; lacks=1; }

if [ -z "$python" ]; then
  say "Python 3.11 or 3.12 (Debian: apt install python3 python3-venv python3-dev)"
elif ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null; then
  say "Python 3.11 or 3.12; $python is $("$python" -V 2>&1). Name another: make PYTHON=/path/to/python3.11 …"
else
  "$python" -c 'import ensurepip, venv' 2>/dev/null || say "the venv module (Debian: apt install python3-venv)"
  "$python" -c 'import os, sysconfig, sys; sys.exit(not os.path.exists(sysconfig.get_paths()["include"] + "/Python.h"))' \
    || say "Python's C headers, which durable_rules needs to compile (Debian: apt install python3-dev)"
fi
command -v gcc >/dev/null || command -v cc >/dev/null || say "a C compiler, which durable_rules needs (Debian: apt install gcc)"
exit $lacks
