"""What the clients of the demo say, what its colleagues answer, and that both fit together."""

import datetime as dt
import random
import re

import pytest

from cec.living import scripts

CHANCE = random.Random(7)  # noqa: S311 - no secret
TODAY = dt.date(2026, 11, 23)
ALL = scripts.conversations()


@pytest.mark.parametrize("conversation", ALL, ids=lambda each: f"{each.language}-{each.name}")
def test_what_a_client_says_is_whole(conversation):
    facts = scripts.facts(CHANCE, conversation.language, TODAY)
    said = [conversation.filled(words, facts) for words in (*conversation.says, *conversation.meanwhile)]

    assert not re.search(r"[{}]", " ".join([*said, conversation.filled(conversation.subject, facts)]))
    assert {scripts.language_of(words) for words in said if len(words) > 1} == {conversation.language}
    assert conversation.doors
    assert set(conversation.doors) <= set(scripts.DOORS)
    assert conversation.subject or conversation.doors == ("chat",)


@pytest.mark.parametrize("conversation", ALL, ids=lambda each: f"{each.language}-{each.name}")
def test_colleagues_have_an_answer_to_everything(conversation):
    wits, first = scripts.wits(), conversation.says[0]

    assert wits.is_spam(first) == conversation.name.startswith("spam")
    # Who is not served at his first words has not thanked yet, unless that is all he wants.
    assert wits.is_thanks(first) == (conversation.name == "thanks")
    assert wits.reply_to(first, conversation.language) or conversation.name.startswith(("spam", "thanks"))
    # Whoever says all to its end is done: colleagues close.
    if not conversation.leaves:
        assert wits.is_thanks(conversation.says[-1])


def test_there_is_everything_that_a_day_brings():
    names = {each.name for each in ALL}

    assert {"angry", "spam-known", "spam-new", "gone-address", "impatient-visitor"} <= names
    assert {each.language for each in ALL} == {"ru", "en"}
    drawn = [scripts.draw(CHANCE) for _ in range(400)]
    assert 0.6 < sum(each.language == "ru" for each in drawn) / len(drawn) < 0.9
    assert all("chat" in scripts.draw(CHANCE, door="chat").doors for _ in range(50))


def test_nobody_writes_from_an_address_that_exists():
    addresses = [person.mail for person in scripts.people()]
    addresses += [address for each in ALL for address in (each.to, each.sender) if address]

    assert len(set(addresses)) == len(addresses)
    assert all(address.endswith(".example") for address in addresses)
