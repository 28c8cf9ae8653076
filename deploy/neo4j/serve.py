"""A real Neo4j Community server without Docker or root: Maven fetches the jars, Java 17 runs them.

As a command, for people::

    python deploy/neo4j/serve.py --home DIR

As a context manager, for tests::

    with running(home) as server:
        GraphDatabase.driver(server.url, auth=(server.user, server.password))

Needs only the standard library, ``java`` and, for the first start, ``mvn``. The server listens on loopback and ends
with the process that started it.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

POM = Path(__file__).with_name("pom.xml")
LIBRARY = Path(__file__).parents[2] / ".neo4j" / "lib"
HOW_TO_GET = "apt install openjdk-17-jre-headless maven"
OPENED = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
]
ATTEMPTS = 3
START_SECONDS = 180
SIGNS_OF_LIFE = {
    "server.bolt.connection_keep_alive": "5s",
    "server.bolt.connection_keep_alive_streaming_scheduling_interval": "5s",
}
"""A server at work says so every 5 s, and who hears nothing for twice as long knows that it is gone or paused; without
this, after 2 min."""


class CannotStart(Exception):
    """Neo4j could not be fetched or started; the text says why and what to do."""


@dataclass(frozen=True)
class Server:
    """A running server. ``password_file`` holds the password, readable by its owner only."""

    url: str
    user: str
    password: str = field(repr=False)
    password_file: Path
    pid: int


def missing_tools(library: Path = LIBRARY) -> list[str]:
    """The programs that are needed and not there; ``mvn`` only as long as the jars are not."""
    needed = ["java"] if _is_fetched(library) else ["java", "mvn"]
    return [tool for tool in needed if shutil.which(tool) is None]


def fetch(library: Path = LIBRARY) -> Path:
    """Have Maven copy the jars of ``pom.xml`` into ``library``, unless they are there already."""
    library.parent.mkdir(parents=True, exist_ok=True)
    with (library.parent / "fetch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_fetched(library):
            _copy_jars(library)
    return library


def _is_fetched(library: Path) -> bool:
    stamp = library / ".pom-sha256"
    return stamp.is_file() and stamp.read_text() == hashlib.sha256(POM.read_bytes()).hexdigest()


def _copy_jars(library: Path) -> None:
    shutil.rmtree(library, ignore_errors=True)
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={library.resolve()}"]
    command = [_tool("mvn"), "-q", "-B", "-f", str(POM), *goal]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CannotStart(f"mvn could not fetch Neo4j:\n{(done.stdout + done.stderr)[-2000:]}")
    (library / ".pom-sha256").write_text(hashlib.sha256(POM.read_bytes()).hexdigest())


def _tool(name: str) -> str:
    if found := shutil.which(name):
        return found
    raise CannotStart(f"{name} is missing: {HOW_TO_GET}")


@contextmanager
def running(
    home: Path,
    *,
    library: Path = LIBRARY,
    port: int | None = None,
    heap: str = "512m",
    page_cache: str = "128m",
    settings: Mapping[str, str] = MappingProxyType({}),
    options: Sequence[str] = (),
    keep: bool = False,
) -> Iterator[Server]:
    """Run a server on the data in ``home`` (made if need be) for as long as the context lasts.

    Without ``keep`` it is killed at the end, which is quick and fit for data that nobody needs any more; with it, it
    shuts down in order. ``settings`` are further lines of ``neo4j.conf``, ``options`` further
    ones for java.
    """
    fetch(library)
    home.mkdir(parents=True, exist_ok=True)
    password_file = _ensure_password(home, library)
    conf = {"server.memory.pagecache.size": page_cache, **settings}
    java = [*_java(library), f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", *options]
    process, port = _start(home, java, port, conf)
    try:
        password = password_file.read_text()
        yield Server(f"neo4j://127.0.0.1:{port}", "neo4j", password, password_file, process.pid)
    finally:
        _stop(process, keep)


def _ensure_password(home: Path, library: Path) -> Path:
    file = home / "password"
    if not file.exists():
        # A file of our own and an @argument: the password appears in no process list.
        draft = home / "password.new"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(24))
        command = [*_java(library), "org.neo4j.cli.AdminTool", "dbms", "set-initial-password", f"@{draft.resolve()}"]
        place = {"NEO4J_HOME": str(home.resolve()), "NEO4J_CONF": str(home.resolve() / "conf")}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | place)  # noqa: S603
        if done.returncode:
            raise CannotStart(f"the initial password could not be set:\n{done.stderr[-2000:]}")
        draft.rename(file)
    return file


def _java(library: Path) -> list[str]:
    return [_tool("java"), "-cp", f"{library.resolve()}/*", *OPENED, "-Dfile.encoding=UTF-8"]


def _start(
    home: Path, java: Sequence[str], port: int | None, settings: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    """Start java; should somebody else have taken the port meanwhile, try another one."""
    log = home / "console.log"
    place = [f"--home-dir={home.resolve()}", f"--config-dir={home.resolve() / 'conf'}", "--console-mode"]
    command = [*java, "org.neo4j.server.CommunityEntryPoint", *place]
    for attempt in range(1, ATTEMPTS + 1):
        chosen = port or _free_port()
        _configure(home, chosen, settings)
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=_die_with(os.getpid())
            )
        try:
            if _wait(process, chosen, log):
                return process, chosen
        except BaseException:
            _stop(process, keep=False)
            raise
        _stop(process, keep=False)
        if port or attempt == ATTEMPTS:
            break
    raise CannotStart(f"Neo4j ended while starting:\n{log.read_text(errors='replace')[-2000:]}")


def _die_with(parent: int) -> Callable[[], None]:
    """Linux ends the child when its parent dies, however it dies."""
    libc = ctypes.CDLL(None)

    def ask() -> None:
        if hasattr(libc, "prctl"):
            libc.prctl(1, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _configure(home: Path, port: int, more: Mapping[str, str]) -> None:
    conf = home / "conf"
    conf.mkdir(exist_ok=True)
    settings = {
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
        "server.http.enabled": "false",
        "dbms.usage_report.enabled": "false",
        "db.tx_log.preallocate": "false",
        **SIGNS_OF_LIFE,
        **more,
    }
    (conf / "neo4j.conf").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    """Whether the process came up as the listener on ``port``; false when it ended first."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        if b" Started." in log.read_bytes():
            return _listens(process.pid, port)
        if time.monotonic() > deadline:
            raise CannotStart(f"Neo4j did not start within {START_SECONDS} s; see {log}")
        time.sleep(0.1)
    return False


def _listens(pid: int, port: int) -> bool:
    """Whether the listener on the port is this very process (where /proc tells; else its own log has told)."""
    tables = [table for name in ("tcp", "tcp6") if (table := Path("/proc/net") / name).exists()]
    if not tables:
        return True
    rows = [line.split() for table in tables for line in table.read_text().splitlines()[1:]]
    inodes = {row[9] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
    return any(f"socket:[{inode}]" in _open_files(pid) for inode in inodes)


def _open_files(pid: int) -> set[str]:
    files = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            files.add(os.readlink(entry))
    return files


def _stop(process: subprocess.Popen[bytes], keep: bool) -> None:
    if process.poll() is None:
        process.terminate() if keep else process.kill()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description="Run a Neo4j Community server for Xinheng on loopback, until Ctrl-C.")
    parser.add_argument("--home", type=Path, required=True, help="directory of its data, configuration and logs")
    parser.add_argument("--library", type=Path, default=LIBRARY, help="directory of its jars (fetched once)")
    parser.add_argument("--port", type=int, help="Bolt port (default: a free one)")
    parser.add_argument("--heap", default="1g")
    parser.add_argument("--page-cache", default="512m")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running(
            args.home, library=args.library, port=args.port, heap=args.heap, page_cache=args.page_cache, keep=True
        ) as server:
            print(f"url            {server.url}\nuser           {server.user}", flush=True)
            print(f"password file  {server.password_file.resolve()}\nCtrl-C ends it.", flush=True)
            os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
            print("the server ended by itself; see console.log", file=sys.stderr)
            return 3
    except KeyboardInterrupt:
        return 0
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
