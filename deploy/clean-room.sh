#!/usr/bin/env bash
# Builds the wheel, looks into it, installs it into an environment of its own, and runs the demo from there.
# Usage: clean-room.sh PYTHON (with the development packages)
set -euo pipefail
python=$1
root=$PWD
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

"$python" -m build --wheel --no-isolation --outdir "$room/dist" . >"$room/build.log" 2>&1 || { cat "$room/build.log" >&2; exit 1; }
wheel=$(echo "$room"/dist/xinheng-*.whl)
"$python" - "$wheel" <<'PY'
import sys, zipfile

names = zipfile.ZipFile(sys.argv[1]).namelist()
rooms = {"graph", "rules", "engine", "loaders", "api"}
strange = sorted(n for n in names if n.split("/")[0] not in rooms and ".dist-info/" not in n)
wanted = [
    "rules/catalogue/documents.yaml",
    "loaders/mappings/cn-enterprise-register.yaml",
    "engine/migrations/versions/0001_ledger.py",
    "api/demo/stories.yaml",
    "api/errors.yaml",
    *(f"{room}/py.typed" for room in rooms),
]
missing = [n for n in wanted if n not in names] + ["licence"] * (not any(n.endswith("licenses/LICENSE") for n in names))
sys.exit(f"the wheel holds {strange} and lacks {missing}" if strange or missing else 0)
PY

"$python" -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
  --require-hashes -r "$root/requirements/runtime.txt"
"$room/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps "$wheel"
cd "$room"
"$room/venv/bin/python" -I - <<'PY'
import sys
from importlib.metadata import distributions

owned = {}
for distribution in distributions():
    for file in distribution.files or ():
        owned.setdefault(str(distribution.locate_file(file)), set()).add(distribution.metadata["Name"])
shared = sorted(path for path, names in owned.items() if "xinheng" in names and len(names) > 1)
sys.exit(f"files that another distribution has too: {shared}" if shared else 0)
PY
"$room/venv/bin/xinheng" demo >"$room/demo.txt" || { tail -20 "$room/demo.txt" >&2; exit 1; }
tail -3 "$room/demo.txt"
