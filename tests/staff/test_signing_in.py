"""Who may enter, how often one may guess, and how a session ends (guide 2.1, 2.6)."""

import datetime as dt

import pytest
from argon2 import PasswordHasher, extract_parameters
from cast import PASSWORD, a_branch, anna, boris, story

from cec.platform.db import unit_of_work
from cec.staff import attempts, passwords, presence, signing_in
from cec.staff.models import Branch, Employee, Presence, Session, Workplace
from cec.staff.roles import Role


def let_in(employee, password=PASSWORD):
    with unit_of_work():
        return signing_in.sign_in(employee.login, password)


def begin(employee, role=None, *, take_over=False):
    session, token = let_in(employee)
    with unit_of_work():
        place = signing_in.workplaces(employee.branch_id)[0]
        signing_in.choose(session, role or employee.roles[0], employee.branch_id, place.id, take_over=take_over)
    return session, token


def guess(login, password="wrong guess"):  # noqa: S107 - a wrong one
    with pytest.raises((signing_in.WrongPassword, attempts.Locked)) as refused, unit_of_work():
        signing_in.sign_in(login, password)
    return refused.value


def test_the_right_password_opens_a_session_and_only_the_hash_of_its_secret_is_kept(db):
    session, token = let_in(anna())

    assert len(token) >= 43
    assert signing_in.find(token).session_id == session.id
    assert token not in session.token_sha256


def test_the_login_does_not_care_for_capitals_and_spaces(db):
    anna()
    db.session.commit()

    with unit_of_work():
        session, _token = signing_in.sign_in("  Anna ", PASSWORD)

    assert session.employee.login == "anna"


def test_wrong_passwords_count_down_although_the_request_is_refused(db):
    anna()
    db.session.commit()

    refusals = [guess("anna") for _ in range(5)]

    assert [getattr(refusal, "left", None) for refusal in refusals] == [4, 3, 2, 1, None]
    assert isinstance(refusals[-1], attempts.Locked)


def test_after_five_wrong_ones_even_the_right_one_waits_15_minutes(db, clock):
    anna()
    db.session.commit()
    for _ in range(5):
        guess("anna")

    refusal = guess("anna", PASSWORD)
    clock.forward(dt.timedelta(minutes=15))
    session, _token = let_in(anna())

    assert isinstance(refusal, attempts.Locked)
    assert session.employee.login == "anna"


def test_after_the_wait_there_are_five_new_attempts(db, clock):
    anna()
    db.session.commit()
    for _ in range(5):
        guess("anna")
    clock.forward(dt.timedelta(minutes=16))

    assert guess("anna").left == 4


def test_the_right_password_forgives_the_wrong_ones(db):
    anna()
    db.session.commit()
    for _ in range(4):
        guess("anna")

    let_in(anna())

    assert guess("anna").left == 4


def test_parallel_guesses_all_count(db, at_once):
    anna()
    db.session.commit()

    refusals = at_once(*[lambda: guess("anna")] * 4)

    assert sorted(refusal.left for refusal in refusals) == [1, 2, 3, 4]
    assert isinstance(guess("anna"), attempts.Locked)


def test_many_parallel_guesses_get_no_more_than_five_tries(db, at_once):
    anna()
    db.session.commit()

    refusals = at_once(*[lambda: guess("anna")] * 8)

    assert sum(isinstance(refusal, signing_in.WrongPassword) for refusal in refusals) == 4
    assert sum(isinstance(refusal, attempts.Locked) for refusal in refusals) == 4


def test_an_unknown_login_says_the_same_and_locks_the_same(db):
    anna()
    db.session.commit()

    known = [guess("anna").sentence() for _ in range(6)]
    unknown = [guess("nobody").sentence() for _ in range(6)]

    assert known == unknown


def test_an_unknown_login_costs_as_much_as_a_known_one(db, monkeypatch):
    anna().password_hash = passwords.hash_password(PASSWORD)
    db.session.commit()
    compared = []

    class Watched(PasswordHasher):
        def verify(self, kept, password):
            compared.append(extract_parameters(kept))
            return super().verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", Watched())

    guess("anna")
    guess("nobody")

    known, unknown = compared
    assert known == unknown


def test_a_dismissed_person_is_unknown(db):
    anna().is_active = False
    db.session.commit()

    assert guess("anna", PASSWORD).left == 4


def test_somebody_without_a_role_is_told_to_ask_and_gets_no_session(db):
    anna().roles = []
    db.session.commit()

    with pytest.raises(signing_in.NoRoles), unit_of_work():
        signing_in.sign_in("anna", PASSWORD)

    assert db.session.scalar(db.select(db.func.count()).select_from(Session)) == 0


def test_an_operator_begins_as_not_accepting(db):
    begin(anna())

    assert presence.current(anna().id).status == Presence.NOT_ACCEPTING
    assert story(anna().key) == ["operator.signed_in", "operator.status_changed"]


def test_a_supervisor_has_no_status(db):
    begin(boris())

    assert presence.current(boris().id) is None


def test_the_choice_is_remembered(db):
    begin(anna())

    place = signing_in.workplaces(a_branch().id)[0]
    assert anna().last_choice == {"role": "operator", "branch_id": a_branch().id, "workplace_id": place.id}


@pytest.mark.parametrize(
    ("role", "branch", "place"), [("supervisor", 0, 0), ("operator", 99, 0), ("operator", 0, 99), ("king", 0, 0)]
)
def test_what_is_not_his_to_choose_is_refused(db, role, branch, place):
    session, _token = let_in(anna())
    ids = a_branch().id + branch, signing_in.workplaces(a_branch().id)[0].id + place

    with pytest.raises(signing_in.UnknownChoice) as refused, unit_of_work():
        signing_in.choose(session, role, *ids)

    assert refused.value.status == 400


def test_a_workplace_of_another_branch_is_told_at_the_field(db):
    session, _token = let_in(anna())
    other = Branch(name="Самара")
    db.session.add_all([other, Workplace(branch=other, name="Оплата")])
    db.session.commit()
    place = signing_in.workplaces(other.id)[0]

    with pytest.raises(signing_in.PlaceElsewhere) as refused, unit_of_work():
        signing_in.choose(session, "operator", a_branch().id, place.id)

    assert refused.value.field == "workplace_id"


def test_a_second_window_asks_and_takes_over(db, clock):
    first, first_token = begin(anna())
    second, second_token = let_in(anna())
    place = signing_in.workplaces(a_branch().id)[0]

    with pytest.raises(signing_in.OpenElsewhere) as asked, unit_of_work():
        signing_in.choose(second, "operator", a_branch().id, place.id)
    assert "12:00" in asked.value.sentence()
    with unit_of_work():
        signing_in.choose(second, "operator", a_branch().id, place.id, take_over=True)

    assert signing_in.find(first_token) is None
    assert signing_in.was_taken_over(first_token)
    assert signing_in.find(second_token).session_id == second.id
    assert first.ended_by == "taken_over"


def test_two_windows_at_once_leave_one(db, at_once):
    sessions = [let_in(anna())[0].id for _ in range(2)]
    branch_id, place_id = a_branch().id, signing_in.workplaces(a_branch().id)[0].id
    db.session.commit()

    def choose(session_id):
        with unit_of_work():
            signing_in.choose(db.session.get_one(Session, session_id), "operator", branch_id, place_id)

    results = at_once(*[lambda session_id=session_id: choose(session_id) for session_id in sessions])

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "OpenElsewhere"]


def test_signing_out_goes_offline_at_this_moment(db, clock):
    session, token = begin(anna())
    ten = clock.forward(dt.timedelta(hours=1))

    with unit_of_work():
        signing_in.sign_out(session)

    assert signing_in.find(token) is None
    running = presence.current(anna().id)
    assert (running.status, running.source, running.during.lower) == (Presence.OFFLINE, "logout", ten)
    assert story(anna().key)[-2:] == ["operator.signed_out", "operator.status_changed"]


def test_changing_the_role_to_supervisor_takes_the_operator_offline(db, clock):
    anna().roles = ["operator", "supervisor"]
    session, _token = begin(anna(), Role.OPERATOR)
    clock.forward(dt.timedelta(minutes=1))

    with unit_of_work():
        place = signing_in.workplaces(a_branch().id)[0]
        signing_in.choose(session, Role.SUPERVISOR, a_branch().id, place.id)

    assert presence.current(anna().id).status == Presence.OFFLINE


def test_a_session_in_use_lives_and_a_forgotten_one_ends(db, clock):
    _session, token = begin(anna())

    for _ in range(3):
        clock.forward(dt.timedelta(hours=7))
        with unit_of_work():
            assert signing_in.find(token) is not None
    clock.forward(dt.timedelta(hours=8))

    assert signing_in.find(token) is None


def test_no_session_is_older_than_a_day(db, clock):
    _session, token = begin(anna())
    for _ in range(4):
        clock.forward(dt.timedelta(hours=6))
        with unit_of_work():
            signing_in.find(token)

    assert signing_in.find(token) is None


def test_forgotten_sessions_are_ended_and_their_operators_offline(db, clock):
    session, _token = begin(anna())
    clock.forward(dt.timedelta(hours=9))

    with unit_of_work():
        ended = signing_in.end_unused()

    assert ended == 1
    assert session.ended_by == "expired"
    assert presence.current(anna().id).status == Presence.OFFLINE


def test_a_forgotten_window_does_not_ask_to_be_taken_over(db, clock):
    begin(anna())
    clock.forward(dt.timedelta(hours=9))

    session, _token = begin(anna())

    assert session.role == "operator"


def test_a_dismissed_persons_session_ends_at_once(db):
    _session, token = begin(anna())
    db.session.get_one(Employee, anna().id).is_active = False
    db.session.commit()

    assert signing_in.find(token) is None


def test_a_new_password_ends_the_other_windows(db):
    _first, first_token = let_in(anna())
    second, second_token = let_in(anna())

    with unit_of_work():
        signing_in.change_password(second, PASSWORD, "another fine staple")

    assert signing_in.find(first_token) is None
    assert signing_in.find(second_token) is not None
    assert guess("anna", PASSWORD).left == 4
    let_in(anna(), "another fine staple")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong guess", "another fine staple", "old_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "x" * 201, "new_password"),
        (PASSWORD, "qwertyuiop", "new_password"),
        (PASSWORD, "aaaaaaaaaaaa", "new_password"),
        (PASSWORD, "my name is anna", "new_password"),
        (PASSWORD, PASSWORD, "new_password"),
    ],
)
def test_an_unfit_change_of_password_is_told_at_its_field(db, old, new, field):
    session, _token = let_in(anna())

    with pytest.raises(signing_in.Invalid) as refused, unit_of_work():
        signing_in.change_password(session, old, new)

    assert list(refused.value.fields()) == [field]
    let_in(anna())


def test_guessing_the_old_password_in_a_stolen_window_locks(db):
    session, _token = let_in(anna())

    for _ in range(4):
        with pytest.raises(signing_in.WrongOldPassword), unit_of_work():
            signing_in.change_password(session, "wrong guess", "another fine staple")

    with pytest.raises(attempts.Locked), unit_of_work():
        signing_in.change_password(session, "wrong guess", "another fine staple")


def test_a_reset_password_works_once_and_has_to_be_changed(db):
    _session, token = let_in(anna())

    with unit_of_work():
        password = signing_in.reset_password(anna(), by="employee:1")

    assert signing_in.find(token) is None
    assert guess("anna", PASSWORD).left == 4
    let_in(anna(), password)
    assert anna().must_change_password
    assert password not in anna().password_hash


def test_passwords_are_kept_as_argon2id_only():
    kept = passwords.hash_password("another fine staple")

    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, "another fine staple")
    assert not passwords.fits(kept, "another fine stapler")
    assert not passwords.fits(None, "anything")
    assert not passwords.fits("not a hash", "anything")
