"""Settings: read together, documented in one place."""

import dataclasses
import stat

import pytest

from config import ConfigError, Settings, kept_secret, settings_page
from tests import golden

PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k" * 40,
    "LOG_KEY": "l" * 40,
    "DATABASE_URL": "postgresql://causeway@db/causeway",
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
    "PUBLIC_URL": "https://shop.example",
    "MAIL_URL": "smtp://mail.example:587?tls=1",
}


class TestSettings:
    def test_need_nothing(self):
        settings = Settings.from_env({})
        assert settings.public_url == "http://127.0.0.1:8000"
        assert settings.uses_sandbox
        assert settings.database_url == ""
        assert settings.media_url == f"file:{settings.instance_path / 'media'}"

    def test_take_an_empty_variable_as_not_set(self):
        assert Settings.from_env({"PORT": ""}).port == 8000

    def test_are_refused_all_at_once(self):
        with pytest.raises(ConfigError) as refusal:
            Settings.from_env({"PORT": "80a", "CURRENCY": "eur", "DATABASE_URL": "mysql://x"})
        for name in ("PORT", "CURRENCY", "DATABASE_URL"):
            assert f"\n  {name}: " in str(refusal.value)

    def test_are_documented(self):
        golden.compare(golden.CHECKOUT / "docs" / "settings.md", settings_page())

    def test_all_have_a_meaning(self):
        assert all(field.metadata["doc"] for field in dataclasses.fields(Settings))


class TestProduction:
    def test_starts_with_good_settings(self):
        settings = Settings.from_env(PRODUCTION)
        assert settings.is_production
        assert settings.trusted_hosts == ("shop.example",)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SECRET_KEY", ""),
            ("SECRET_KEY", "short"),
            ("OUTGOING_TO_PRIVATE", "1"),
            ("LOG_KEY", ""),
            ("LOG_KEY", "short"),
            ("DATABASE_URL", ""),
            ("STRIPE_SECRET_KEY", ""),
            ("STRIPE_SECRET_KEY", "sk_test_sandbox"),
            ("STRIPE_WEBHOOK_SECRET", ""),
            ("PUBLIC_URL", "http://shop.example"),
            ("MAIL_URL", "console:"),
        ],
    )
    def test_refuses_what_is_only_good_for_trying_things_out(self, name, value):
        with pytest.raises(ConfigError, match=name):
            Settings.from_env(PRODUCTION | {name: value})


class TestKeptSecret:
    def test_is_made_once_and_readable_by_us_alone(self, tmp_path):
        path = tmp_path / "instance" / "key"
        first = kept_secret(path)
        assert kept_secret(path) == first
        assert len(first) >= 32
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [p.name for p in path.parent.iterdir()] == ["key"]
