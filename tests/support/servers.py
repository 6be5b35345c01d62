"""Real servers for tests: found by environment variable, else started from the PATH in a temporary folder.

Import the fixtures into a conftest or a test module. Each says which server it used, or skips and says why.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.databases import created

REDIS_VARIABLE, POSTGRES_VARIABLE = "RAISE_TEST_REDIS_URL", "RAISE_TEST_DATABASE_URL"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def redis_server(folder: Path, port: int | None = None, *options: str) -> Iterator[str]:
    """A Redis without persistence, as deployments run it; gives its URL."""
    port = port or free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with _running([*command, "--dir", str(folder), *options], folder / "log", lambda: _answers(port)):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgres_server(folder: Path, tls: tuple[Path, Path] | None = None, *settings: str) -> Iterator[str]:
    """A PostgreSQL of its own, as another user when we are root (initdb refuses root); gives the URL of its
    first database. ``tls``: files in the folder with its certificate and key; ``settings``: more of its options."""
    port = free_port()
    data = folder / "data"
    as_user = _not_root(folder)
    binaries = _postgres_binaries()
    assert binaries is not None
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "raise", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*as_user, *initdb], check=True, capture_output=True, cwd=folder)
    secured = []
    if tls is not None:
        cert, key = tls
        key.chmod(0o600)
        if as_user:
            os.chown(key, folder.stat().st_uid, folder.stat().st_gid)
        secured = ["-c", "ssl=on", "-c", f"ssl_cert_file={cert}", "-c", f"ssl_key_file={key}"]
    options = [
        *secured,
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-k",
        str(folder),
        "-c",
        "fsync=off",
        "-c",
        "max_connections=60",
        *settings,
    ]
    with _running(
        [*as_user, str(binaries / "postgres"), "-D", str(data), *options], folder / "log", lambda: _answers(port)
    ):
        url = f"postgresql://raise@127.0.0.1:{port}/postgres"
        _until(lambda: _connects(url))
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if url := os.environ.get(REDIS_VARIABLE):
        yield url
    elif shutil.which("redis-server") is None:
        pytest.skip(f"no Redis: set {REDIS_VARIABLE}, or put redis-server on the PATH")
    else:
        with redis_server(tmp_path_factory.mktemp("redis")) as url:
            yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    if url := os.environ.get(POSTGRES_VARIABLE):
        yield url
    elif _postgres_binaries() is None:
        pytest.skip(f"no PostgreSQL: set {POSTGRES_VARIABLE}, or put initdb and postgres on the PATH")
    else:
        # Not in pytest's own folder, which the next run of the tests closes to every other user.
        with tempfile.TemporaryDirectory(prefix="raise-test-") as folder, postgres_server(Path(folder)) as url:
            yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of a database of its own, dropped afterwards, so that every test begins empty."""
    with created(postgres_url) as url:
        yield url


def _postgres_binaries() -> Path | None:
    found = shutil.which("initdb")
    if found is None or shutil.which("postgres") is None:
        packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        found = str(packaged[-1]) if packaged else None
    return None if found is None else Path(found).parent


def _not_root(folder: Path) -> list[str]:
    """What to put before a command so that it does not run as root; the folder is given to that user."""
    if os.getuid() != 0:
        return []
    user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@contextmanager
def _running(command: list[str], log: Path, ready: Callable[[], bool]) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        _until(lambda: ready() or process.poll() is not None)
        if process.poll() is not None:
            pytest.fail(f"{command[0]} ended at once with {process.returncode}: {log.read_text()[-2000:]}")
        yield
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL would wait for its clients after a SIGTERM
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail("a test server did not come up in time")
        time.sleep(0.02)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _connects(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
