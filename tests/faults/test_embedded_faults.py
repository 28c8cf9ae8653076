"""A store in a file that is locked, cut short, damaged or may not be written, while it is asked."""

from __future__ import annotations

import contextlib
import ctypes
import json
import resource
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from random import Random

import httpx2
import pytest

from graph.errors import StoreCorrupt
from graph.sqlite import SqliteStore
from tests.command import xinheng
from tests.faults import town
from tests.faults.answers import TRUE, UNAVAILABLE, Truth
from tests.faults.cities import held
from tests.processes import serving, started, up
from tests.real import City, embedded

pytestmark = pytest.mark.slow
PAGE = 4096
AWAY, DAMAGED = {"store-unavailable"}, {"store-corrupt"}
SEED = 20_261_128
PR_CAPBSET_DROP, OVERRIDES = 24, (1, 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, of linux/capability.h."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[City, Truth]:
    city = town.build(embedded(tmp_path_factory.mktemp("town"), town.REGION))
    return city, Truth.of(city)


@pytest.fixture
def city(built: tuple[City, Truth], tmp_path: Path) -> City:
    """The town in a directory of its own."""
    copy = embedded(tmp_path / "town", town.REGION)
    shutil.copytree(built[0].home, copy.home)
    return copy


@pytest.fixture
def truth(built: tuple[City, Truth]) -> Truth:
    return built[1]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds the file is waited for half a minute; the tests need not."""
    monkeypatch.setattr("graph.sqlite.file.WAIT_SECONDS", 0.1)


def file_of(city: City) -> Path:
    return Path(city.settings["XINHENG_STORE"]) / "graph.sqlite"


# --- locked ---


@pytest.mark.usefixtures("impatient")
def test_who_writes_for_long_makes_others_that_write_wait_and_nobody_that_asks(city: City, truth: Truth) -> None:
    path = town.more(city, range(10))
    with held(file_of(city), "BEGIN IMMEDIATE"):
        refused = xinheng("load", "city", path, "--json", settings=city.settings)
        assert (refused.status, "try again" in refused.err) == (UNAVAILABLE, True)
        assert truth.by_command(city) == {TRUE}
    assert city.run("load", "city", path, "--json").document["loaded"] == 10


@pytest.mark.usefixtures("impatient")
def test_a_file_that_another_keeps_to_himself_is_unavailable_until_he_ends(city: City, truth: Truth) -> None:
    with held(file_of(city), "PRAGMA locking_mode = EXCLUSIVE", "BEGIN IMMEDIATE", "COMMIT"):
        assert truth.by_command(city) == AWAY
    assert truth.by_command(city) == {TRUE}


# --- damaged ---


def zero_page(file: bytearray, random: Random) -> None:
    start = random.randrange(1, len(file) // PAGE) * PAGE
    file[start : start + PAGE] = bytes(PAGE)


def garbage_page(file: bytearray, random: Random) -> None:
    start = random.randrange(1, len(file) // PAGE) * PAGE
    file[start : start + PAGE] = random.randbytes(PAGE)


def page_in_the_wrong_place(file: bytearray, random: Random) -> None:
    to, of = (random.randrange(1, len(file) // PAGE) * PAGE for _ in range(2))
    file[to : to + PAGE] = file[of : of + PAGE]


@pytest.mark.parametrize("damage", [zero_page, garbage_page, page_in_the_wrong_place])
def test_damage_that_is_not_found_before_serving_changes_no_answer(
    city: City, truth: Truth, damage: Callable[[bytearray, Random], None]
) -> None:
    """What reads the file from end to end finds it, or it lies where nothing stands."""
    random, whole, found = Random(SEED), file_of(city).read_bytes(), 0
    for _ in range(20):
        content = bytearray(whole)
        damage(content, random)
        file_of(city).write_bytes(content)
        try:
            with SqliteStore(file_of(city).parent) as store:
                store.verify()
        except StoreCorrupt:
            found += 1
        else:
            assert truth.by_command(city) <= {TRUE, *DAMAGED}
    assert found >= 10


def test_a_damaged_file_is_not_served(city: City, truth: Truth) -> None:
    content = bytearray(file_of(city).read_bytes())
    middle = len(content) // PAGE // 2 * PAGE
    content[middle : middle + PAGE] = bytes(PAGE)
    whole = file_of(city).read_bytes()
    file_of(city).write_bytes(content)
    refused = started(city.settings, ["serve", "--port", 0], stderr=subprocess.PIPE)
    assert "store-corrupt" in refused.communicate()[1]
    assert refused.returncode == UNAVAILABLE
    file_of(city).write_bytes(whole)
    assert truth.by_command(city) == {TRUE}


def test_a_file_cut_short_under_a_server_ends_in_no_untrue_answer(city: City, truth: Truth) -> None:
    """SQLite reads the file through memory: the system ends a process that reads where the file was cut off. The next
    start says what is wrong; a backup in its place is served."""
    whole = file_of(city).read_bytes()
    with serving(city.settings, city.home / "server.log") as server:
        assert truth.over_http(up(server)) == {TRUE}
        with file_of(city).open("r+b") as file:
            file.truncate(len(whole) // 2)
        with contextlib.suppress(httpx2.TransportError):
            assert truth.over_http(server) <= {TRUE, *DAMAGED}
    assert truth.by_command(city) == DAMAGED
    for part in file_of(city).parent.iterdir():
        part.unlink()
    file_of(city).write_bytes(whole)
    with serving(city.settings, city.home / "server.log") as server:
        assert truth.over_http(up(server)) == {TRUE}


# --- may not be written ---


def unprivileged() -> None:
    """Let this process mind what files and directories allow, even where root runs the tests."""
    prctl = ctypes.CDLL(None).prctl
    for capability in OVERRIDES:
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def test_a_store_that_may_not_be_written_says_so_until_it_may(city: City, truth: Truth) -> None:
    directory = file_of(city).parent
    modes = {path: path.stat().st_mode for path in (directory, file_of(city))}

    def check() -> tuple[int, str, str]:
        process = started(city.settings, town.words(), stderr=subprocess.PIPE, preexec_fn=unprivileged)
        out, err = process.communicate()
        return process.returncode, out, err

    try:
        for path in reversed(modes):
            path.chmod(0o555 if path == directory else 0o444)
        status, out, err = check()
        assert (status, out) == (UNAVAILABLE, "")
        assert json.loads(err)["code"] == "store-unavailable"
        assert "writable" in json.loads(err)["remedy"]
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    status, out, _ = check()
    assert (status, out.strip().encode()) == (0, truth.documents[town.PROCUREMENT])


# --- full ---


def test_a_full_disk_takes_nothing_half_and_the_load_is_repeated_when_there_is_space(city: City, truth: Truth) -> None:
    path = town.more(city, range(500))
    limit = file_of(city).stat().st_size // 4  # of the log, which a batch is written to first

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    process = started(city.settings, ["load", "city", path, "--json"], stderr=subprocess.PIPE, preexec_fn=full)
    _, err = process.communicate()
    assert process.returncode == UNAVAILABLE
    assert json.loads(err.splitlines()[-1])["code"] == "store-unavailable"
    assert truth.by_command(city) == {TRUE}
    report = city.run("load", "city", path, "--json").document
    assert (report["loaded"] + report["unchanged"], report["quarantined"]) == (500, 0)
    assert truth.by_command(city) == {TRUE}
