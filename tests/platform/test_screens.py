"""What an open screen is told, and when: each list at most once a second, an offer at once, never much."""

import threading
import time

import pytest

from cec.platform import live, screens
from cec.platform.screens import Screen

ANNA, HERS, BORIS = "employee:1", "appeal:7", "employee:3"


@pytest.fixture(autouse=True)
def _shorter(monkeypatch):
    """A second of this story is a fifth of one."""
    monkeypatch.setattr(screens, "EVERY", 0.2)


@pytest.fixture
def anna():
    """Anna's screen, with appeal 7 open in it."""
    return Screen([ANNA, HERS])


@pytest.fixture
def boris():
    """A supervisor's: he hears of every appeal."""
    return Screen([BORIS], ["appeal"])


def read(screen, timeout=2.0):
    """Give what is told next and how long it took."""
    began = time.monotonic()
    return screen.next(timeout), time.monotonic() - began


def test_the_first_notice_goes_at_once_and_those_of_the_same_second_together(anna):
    anna.tell(["message.received", HERS])
    first = anna.next(0.0)
    for name in ("message.queued", "message.received", "message.queued", "appeal.topic_changed"):
        anna.tell([name, HERS])

    assert first == [["message.received", HERS]]
    assert read(anna)[0] == [["message.queued", HERS], ["message.received", HERS], ["appeal.topic_changed", HERS]]
    assert anna.next(0.0) == []


def test_what_waits_stays_readable_for_whoever_goes_on_elsewhere(anna):
    anna.tell(["message.received", HERS])
    anna.next(0.0)
    anna.tell(["operator.status_changed", ANNA, "mark"])
    anna.next(0.0)
    anna.tell(["operator.next_chosen", ANNA, "another"])

    assert anna.untold() == [["operator.next_chosen", ANNA, "another"]]
    assert read(anna)[0] == [["operator.next_chosen", ANNA, "another"]]
    assert anna.untold() == []


def test_an_offer_waits_for_nothing(anna):
    anna.tell(["worklist", ANNA])
    assert anna.next(0.0)
    anna.tell(["worklist", ANNA])
    anna.tell(["message.received", HERS])
    assert anna.next(0.0) == [["message.received", HERS]]
    assert anna.next(0.0) == []

    anna.tell([live.OFFER, ANNA])

    assert anna.next(0.0) == [[live.OFFER, ANNA]]
    assert read(anna)[0] == [["worklist", ANNA]]


def test_the_end_of_a_session_waits_for_nothing(anna):
    for _ in range(3):
        anna.tell([live.SESSION_ENDED, ANNA])
        assert anna.next(0.0) == [[live.SESSION_ENDED, ANNA]]


def test_each_list_has_its_own_second(boris):
    boris.tell(["appeal.queued", "appeal:1"])
    assert boris.next(0.0)

    boris.tell(["appeal.queued", "appeal:2"])
    boris.tell(["notice", BORIS])

    assert boris.next(0.0) == [["notice", BORIS]]
    news, took = read(boris)
    assert news == [["appeal.queued", "appeal:2"]]
    assert 0.1 < took < 1


def test_a_reader_who_waits_is_woken_at_once(anna):
    timer = threading.Timer(0.1, lambda: anna.tell([live.OFFER, ANNA]))
    timer.start()

    news, took = read(anna)

    timer.join()
    assert (news, took < 0.5) == ([[live.OFFER, ANNA]], True)


def test_a_busy_centre_sends_a_supervisor_one_message_a_second(boris):
    messages, until = [], time.monotonic() + 1.0
    while time.monotonic() < until:
        boris.tell(["appeal.queued", f"appeal:{len(messages)}"])
        messages += [boris.next(0.005)]

    told = [message for message in messages if message]
    assert 4 <= len(told) <= 6
    assert len(told[0]) == 1


def test_what_waits_for_a_slow_reader_stays_small_and_tells_him_all_the_same(boris):
    for number in range(10_000):
        boris.tell(["appeal.queued", f"appeal:{number}"])
        boris.tell(["notice", BORIS])

    news, _ = read(boris)

    assert len(news) <= screens.MOST + 2
    assert ["many", "appeal:*"] in news
    assert ["notice", BORIS] in news


def test_what_is_personal_is_for_that_person_alone():
    vera = Screen(["employee:4"], ["employee", "queue"])
    for name in sorted(live.PERSONAL):
        vera.tell([name, ANNA])
    vera.tell(["operator.status_changed", ANNA])

    assert vera.next(0.0) == [["operator.status_changed", ANNA]]


def test_a_pair_keeps_the_mark_of_one_act_and_loses_those_of_two(anna):
    anna.tell(["message.queued", HERS, "aa"])
    anna.tell(["message.queued", HERS, "aa"])
    anna.tell(["worklist", ANNA, "aa"])
    anna.tell(["worklist", ANNA, "bb"])
    anna.tell(["worklist", ANNA, "aa"])

    assert anna.next(0.0) == [["message.queued", HERS, "aa"], ["worklist", ANNA]]


def test_nothing_is_lost_between_those_who_tell_and_one_who_reads(boris, monkeypatch):
    """What is told by four at once is read by one, each pair."""
    monkeypatch.setattr(screens, "MOST", 1000)
    told = [f"appeal:{number}" for number in range(400)]

    def tell(part):
        for subject in told[part::4]:
            boris.tell(["appeal.queued", subject])
            time.sleep(0.003)

    tellers = [threading.Thread(target=tell, args=(part,)) for part in range(4)]
    for teller in tellers:
        teller.start()
    heard = []
    while (news := boris.next(0.6)) != []:
        heard += [subject for _, subject in news]
    for teller in tellers:
        teller.join()

    assert sorted(heard) == sorted(told)


def test_the_end_is_told_even_if_much_waits(anna):
    anna.tell(["worklist", ANNA])
    anna.end()

    assert anna.next(5.0) is None
