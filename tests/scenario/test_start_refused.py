"""What is wrong with databases is said when the bot starts: in one line, with what to do, and without the password."""

from __future__ import annotations

import base64
import datetime as dt
import json
import tempfile
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.database import connect
from adapters.stores.sql.migrate import migrate
from bot.cli.main import main
from tests.support.servers import free_port, postgres_server, redis_server

KEY = base64.b64encode(bytes(range(32))).decode()
SECRET = "canary-password"


class Told:
    """What commands say; each opens everything as ``raise-bot run`` does."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def doctor(self, database: str, redis: str) -> str:
        """The problems ``raise-bot doctor`` finds, one a line."""
        lines = self._said(["doctor", "--json"], database, redis, code=1).out.splitlines()
        return "\n".join(str(each["found"]) for each in map(json.loads, lines) if each["state"] == "problem")

    def run(self, database: str, redis: str = "") -> str:
        """The one line of ``raise-bot run``, which does not start."""
        slack = {"SLACK_BOT_TOKEN": "xoxb-none", "SLACK_SIGNING_SECRET": "none"}
        (line,) = self._said(["run"], database, redis, code=2, **slack).err.strip().splitlines()
        return line

    def _said(
        self, words: list[str], database: str, redis: str, *, code: int, **settings: str
    ) -> pytest.CaptureResult[str]:
        ours = {"RAISE_DATABASE_URL": database, "RAISE_REDIS_URL": redis, "RAISE_KEY": KEY, **settings}
        with self._monkeypatch.context() as patched:
            for name, value in ours.items():
                patched.setenv(name, value)
            assert main(words) == code
        said = self._capsys.readouterr()
        assert SECRET not in said.out + said.err
        return said


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(capsys, monkeypatch)


def certificate(folder: Path, *, expired: bool) -> tuple[Path, Path]:
    """For 127.0.0.1, issued by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 9 * day)
        .not_valid_after(now - day if expired else now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"cert-{expired}.pem", folder / f"key-{expired}.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return cert_file, key_file


def at_port(port: int) -> str:
    return f"postgresql://raise:{SECRET}@127.0.0.1:{port}/raise"


@pytest.mark.parametrize(
    ("database", "said"),
    [
        (f"mysql://raise:{SECRET}@127.0.0.1/raise", "expected a database URL such as"),
        ("nothing at all", "expected a database URL such as"),
        (at_port(1), "nothing answers there: start PostgreSQL, or correct host and port"),
    ],
)
def test_a_wrong_database_url_is_said(told: Told, database: str, said: str) -> None:
    assert said in told.run(database)


@pytest.mark.postgres
def test_a_database_that_is_not_there_is_said(told: Told, postgres_database: str) -> None:
    assert "there is no such database: create it" in told.run(f"{postgres_database}_other")


@pytest.mark.postgres
def test_what_is_wrong_with_the_tables_is_said(told: Told, postgres_database: str) -> None:
    engine = connect(postgres_database, connections=1, survive_power_cut=True)
    migrate(engine)
    engine.dispose()
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute("DROP TABLE standings")
        assert "missing: standings): an upgrade was interrupted" in told.run(postgres_database)
        connection.execute("DROP TABLE stores_version")
        assert "of form none, and its tables are not" in told.run(postgres_database)
        connection.execute("CREATE TABLE stores_version (version_num TEXT)")
        connection.execute("INSERT INTO stores_version VALUES ('9999')")
        assert "of a newer release (form 9999" in told.run(postgres_database)


@pytest.mark.postgres
def test_redis_that_cannot_be_used_is_said(told: Told, postgres_database: str, tmp_path: Path) -> None:
    assert "RAISE_REDIS_URL: expected redis://HOST:PORT/0" in told.run(
        postgres_database, f"http://:{SECRET}@127.0.0.1/0"
    )
    away = told.doctor(postgres_database, f"redis://:{SECRET}@127.0.0.1:1/0")
    assert "check that it runs and that RAISE_REDIS_URL is right" in away
    with redis_server(tmp_path, None, "--requirepass", "another") as url:
        refusal = told.doctor(postgres_database, url.replace("redis://", f"redis://:{SECRET}@"))
    assert "Redis does not accept user or password: correct them in RAISE_REDIS_URL" in refusal


@pytest.mark.postgres
def test_an_expired_certificate_of_redis_is_said(told: Told, postgres_database: str, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, expired=True)
    tls, plain = free_port(), free_port()
    options = ["--tls-port", str(tls), "--tls-cert-file", str(cert), "--tls-key-file", str(key)]
    with redis_server(tmp_path, plain, *options, "--tls-auth-clients", "no"):
        expired = told.doctor(postgres_database, f"rediss://localhost:{tls}/0?ssl_ca_certs={cert}")
    assert "the certificate of Redis is not accepted (certificate has expired): renew it" in expired


@pytest.mark.postgres
def test_an_expired_certificate_of_postgresql_is_said(told: Told) -> None:
    with tempfile.TemporaryDirectory(prefix="raise-test-") as name:
        folder = Path(name)
        cert, key = certificate(folder, expired=True)
        with postgres_server(folder, tls=(cert, key)) as url:
            strict = f"{url.replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert={cert}"
            assert "its certificate is not accepted: it may have expired" in told.run(strict)
