"""A wrong setting refuses to start and says what would be right."""

import pytest

from cec.platform.settings import Settings, WrongSetting


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("PORT", "80a", "a whole number from 1 to 65535"),
        ("PORT", "70000", "a whole number from 1 to 65535"),
        ("SMTP_PORT", "0", "a whole number from 1 to 65535"),
        ("DATABASE_URL", "mysql://there/cec", "postgresql://"),
        ("DATABASE_URL", "centre.db", "postgresql://"),
        ("DEMO", "maybe", "on or off"),
        ("CEC_PUBLIC_URL", "centre.example.org", "https://help.example.org"),
        ("CEC_PUBLIC_URL", "https://centre.example.org/help", "without a path"),
        ("CEC_PUBLIC_URL", "https://user:secret@centre.example.org", "without a path"),
        ("CEC_PUBLIC_URL", "https://centre.example.org:99999", "without a path"),
        ("CEC_LOG_LEVEL", "LOUD", "one of DEBUG, INFO"),
    ],
)
def test_a_wrong_value_is_refused_by_name(variable, value, told):
    with pytest.raises(WrongSetting) as refused:
        Settings.read({variable: value})

    assert variable in str(refused.value)
    assert repr(value) in str(refused.value)
    assert told in str(refused.value)


def test_nothing_set_means_the_defaults():
    settings = Settings.read({})

    assert (settings.port, settings.smtp_port, settings.demo) == (8000, 2525, True)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_spelling_of_the_database_goes_to_the_same_driver(scheme):
    settings = Settings.read({"DATABASE_URL": f"{scheme}://anna:secret@db:5432/cec"})

    assert settings.database_url == "postgresql+psycopg2://anna:secret@db:5432/cec"


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"CEC_PUBLIC_URL": "https://centre.example.org/"}, "https://centre.example.org"),
        ({"PORT": "8123"}, "http://127.0.0.1:8123"),
        ({"DEMO": "off"}, ""),
    ],
)
def test_a_centre_knows_where_clients_reach_it_or_says_nothing(environment, address):
    assert Settings.read(environment).address == address
