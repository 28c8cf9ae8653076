#!/usr/bin/env bash
# Puts this checkout's rooms and the console script `xinheng` into the environment. Usage: link-rooms.sh VENV_PYTHON
set -eu
"$1" - <<'PY'
import pathlib, stat, sys, sysconfig

root = pathlib.Path.cwd()
site = pathlib.Path(sysconfig.get_path("purelib"))
(site / "xinheng-checkout.pth").write_text(f"{root}\n", encoding="utf-8")
script = pathlib.Path(sysconfig.get_path("scripts")) / "xinheng"
script.write_text(
    f"#!{sys.executable}\nimport sys\n\nfrom api.cli import main\n\nsys.exit(main())\n", encoding="utf-8"
)
script.chmod(script.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
PY
