"""Our Message-IDs lead back to the appeal, and nobody else can make one."""

import pytest

from cec.channels.email import threading

pytestmark = pytest.mark.usefixtures("db")


def test_an_answer_finds_its_appeal():
    ours = threading.message_id(7, 42, "shop@shop.example")

    assert ours.endswith("@shop.example>")
    assert threading.appeal_of(["<other@client.example>", ours]) == 42
    assert threading.appeal_of([ours.upper().replace("<CEC", "<cec")]) == 42


def test_the_same_message_has_the_same_id_at_every_try():
    assert threading.message_id(7, 42, "shop@shop.example") == threading.message_id(7, 42, "shop@shop.example")


@pytest.mark.parametrize(
    "forge",
    [
        lambda ours: ours.replace(".42.", ".43."),
        lambda ours: ours.replace("cec.7.", "cec.8."),
        lambda ours: ours.replace("@", "a@"),
        lambda _: "<cec.7.42.aaaaaaaaaaaaaaaaaaaa@shop.example>",
        lambda _: "<cec.7.42.@shop.example>",
        lambda ours: ours.strip("<>"),
    ],
)
def test_a_guessed_or_changed_id_leads_nowhere(forge):
    assert threading.appeal_of([forge(threading.message_id(7, 42, "shop@shop.example"))]) is None


def test_a_russian_domain_is_written_in_ascii():
    assert threading.message_id(7, 42, "a@почта.рф").isascii()


def test_the_number_is_found_in_a_subject():
    assert threading.number_in("Re: Заказ [#2026-000123]") == "2026-000123"
    assert threading.number_in("Re: 2026-000123") is None


def test_references_are_trimmed_to_the_first_and_the_newest():
    many = [f"<{number}@x>" for number in range(50)]

    assert threading.trimmed(many) == ["<0@x>", *many[-11:]]
    assert threading.trimmed(["<a@x>", "<b@x>", "<a@x>"]) == ["<a@x>", "<b@x>"]


def test_a_trial_of_the_connection_is_known_and_cannot_be_feigned():
    trial = threading.trial_id("shop@shop.example", "abc123")

    assert threading.is_trial(trial)
    assert not threading.is_trial(trial.replace("abc123", "abc124"))
    assert not threading.is_trial("<a@x>")
