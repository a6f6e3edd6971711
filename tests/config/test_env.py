from pathlib import Path

import pytest

from orderwerk.config.env import EnvProblems, load, read_dotenv, remembered


def test_defaults_need_nothing_but_a_folder(tmp_path: Path) -> None:
    env = load({"ORDERWERK_DATA_DIR": str(tmp_path / "data")})

    assert env.database_url is None
    assert env.base_url == "http://127.0.0.1:8000"
    assert env.allowed_hosts == ("127.0.0.1", "localhost", "[::1]")
    assert len(env.secret_key) == 64
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert not env.secure


def test_the_secret_key_stays_the_same(tmp_path: Path) -> None:
    values = {"ORDERWERK_DATA_DIR": str(tmp_path)}

    assert load(values).secret_key == load(values).secret_key


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(EnvProblems) as caught:
        load(
            {
                "ORDERWERK_DATA_DIR": str(tmp_path),
                "DATABASE_URL": "mysql://user:hidden@host/name",
                "ORDERWERK_SECRET_KEY": "short",
                "ORDERWERK_BASE_URL": "oms.example.org",
                "ORDERWERK_TRUSTED_PROXY": "everybody",
                "ORDERWERK_WEB_THREADS": "0",
                "ORDERWERK_DEBUG": "maybe",
                "PG_BIN": str(tmp_path),
                "EMAIL_URL": "imap://host",
            }
        )

    text = str(caught.value)
    assert len(caught.value.problems) == 8
    for name in (
        "DATABASE_URL", "ORDERWERK_SECRET_KEY", "ORDERWERK_BASE_URL", "ORDERWERK_TRUSTED_PROXY",
        "ORDERWERK_WEB_THREADS", "ORDERWERK_DEBUG", "PG_BIN", "EMAIL_URL",
    ):  # fmt: skip
        assert name in text
    assert "hidden" not in text


def test_https_is_secure_and_its_host_allowed(tmp_path: Path) -> None:
    env = load(
        {
            "ORDERWERK_DATA_DIR": str(tmp_path),
            "ORDERWERK_BASE_URL": "https://oms.example.org/",
            "ORDERWERK_ALLOWED_HOSTS": "shop.example.org, other.example.org",
        }
    )

    assert env.secure
    assert env.base_url == "https://oms.example.org"
    assert env.allowed_hosts[:3] == ("shop.example.org", "other.example.org", "oms.example.org")


def test_dotenv_reads_names_values_quotes_and_comments(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\n\nexport A=1\nB='two = 2'\nnonsense\nC=\"3\"\n", encoding="utf-8")

    assert read_dotenv(file) == {"A": "1", "B": "two = 2", "C": "3"}
    assert read_dotenv(tmp_path / "missing") == {}


def test_remembered_keeps_the_first_value(tmp_path: Path) -> None:
    assert remembered(tmp_path / "note", "first") == "first"
    assert remembered(tmp_path / "note", "second") == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["note"]
