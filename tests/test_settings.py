import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VARIABLE = r"(?:EBB_[A-Z_]+|DATABASE_URL|REDIS_URL|EMAIL_URL)"
PUBLIC = {"EBB_SITE_URL": "https://ebb.example.org", "EMAIL_URL": "smtp+tls://ebb:secret@mail.example.org:587"}


def read_by_settings() -> set[str]:
    sources = (ROOT / "config" / name for name in ("settings.py", "env.py"))
    return {
        name
        for source in sources
        for name in re.findall(rf'(?:env\.\w+|whole_number)\(\s*"({VARIABLE})"', source.read_text())
    }


def in_readme() -> set[str]:
    return set(re.findall(rf"^\| `({VARIABLE})` \|", (ROOT / "README.md").read_text(), re.MULTILINE))


def in_example() -> set[str]:
    return set(re.findall(rf"^({VARIABLE})=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_the_readme_lists_every_setting_and_no_other() -> None:
    assert in_readme() == read_by_settings()


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert in_example() == read_by_settings()


def setting(tmp_path: Path, expression: str, **environment: str) -> str:
    """What a fresh process makes of an environment."""
    code = f"from django.conf import settings; print({expression})"
    kept = {name: value for name, value in os.environ.items() if not re.fullmatch(VARIABLE, name)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=True,
        env=kept | {"DJANGO_SETTINGS_MODULE": "config.settings", "EBB_VAR": str(tmp_path)} | environment,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"EBB_HOST": "0.0.0.0"}, id="reachable from elsewhere"),
        pytest.param({"EBB_SITE_URL": "https://ebb.example.org"}, id="with a public address"),
        pytest.param({"EMAIL_URL": "smtp://mail.example.org:25"}, id="with a mail server"),
    ],
)
def test_local_mode_ends(tmp_path: Path, environment: dict[str, str]) -> None:
    assert setting(tmp_path, "settings.LOCAL_MODE", **environment) == "False"


def test_local_mode_holds_on_loopback_also_when_variables_are_empty(tmp_path: Path) -> None:
    empty = dict.fromkeys(read_by_settings() - {"EBB_VAR"}, "")
    assert setting(tmp_path, "settings.LOCAL_MODE", **empty) == "True"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("EBB_PORT", port) for port in ("abc", "0", "65536", "80.5", "-1", "9" * 5000)),
        *(("EBB_SITE_URL", url) for url in ("ebb.example.org", "ftp://x", "https://x/pain", "https://", "http://x:y")),
        *(("DATABASE_URL", url) for url in ("nothing", "mysql://ebb:hush@host/ebb", "postgres://h:port/x", "://")),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, text=True, capture_output=True,
        env=os.environ | {"EBB_VAR": str(tmp_path), name: value},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(f"Ebb cannot start: {name} ")
    assert len(done.stderr.splitlines()) == 1
    assert "hush" not in done.stderr


def test_a_public_site_keeps_cookies_to_https(tmp_path: Path) -> None:
    cookies = "settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SECURE_HSTS_SECONDS > 0"
    assert setting(tmp_path, cookies, **PUBLIC) == "True"


def test_options_of_a_database_address_are_kept(tmp_path: Path) -> None:
    url = "postgres://ebb:secret@db.example.org/ebb?sslmode=require"
    assert setting(tmp_path, "settings.DATABASES['default']['OPTIONS']['sslmode']", DATABASE_URL=url) == "require"


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = setting(tmp_path, "settings.SECRET_KEY")
    assert len(first) > 50
    assert setting(tmp_path, "settings.SECRET_KEY") == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_deep_folder_gets_a_socket_short_enough_to_use(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20) / ("deeper" * 15)
    assert len(setting(tmp_path, "settings.REDIS_SOCKET", EBB_VAR=str(deep))) <= 100


@pytest.mark.parametrize("name", ["ebb with spaces", "100%", "what?#now"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    var = tmp_path / name
    assert setting(tmp_path, "settings.DATABASES['default']['NAME']", EBB_VAR=str(var)) == str(var / "ebb.sqlite3")


def test_there_is_no_second_door_past_the_limits_on_log_ins(tmp_path: Path) -> None:
    # Django's admin has a log-in of its own that counts no tries.
    assert setting(tmp_path, "'django.contrib.admin' in settings.INSTALLED_APPS") == "False"
