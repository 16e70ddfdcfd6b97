"""Guide 2.2.1, 2.2.6, 3.2.5: the desk, the list, switching between appeals."""

import cast
import stories


def test_the_home_of_an_operator_is_the_desk(desk):
    answer = desk.browser.get("/")

    assert answer.status_code == 302
    assert answer.location == "/operator"


def test_a_desk_without_appeals_says_how_to_begin(desk, words):
    page = desk.page("")

    assert "Вы пока не принимаете обращения" in words(page)
    assert "Стать активным" in words(page)
    assert 'data-key="Alt+KeyA"' in page


def test_the_desk_shows_list_appeal_and_client(desk, appeal, words):
    page = words(desk.page(f"/appeals/{appeal.id}"))

    assert "В работе 1" in page
    assert "Где мой заказ?" in page
    assert "Пётр Петров" in page
    assert cast.PETROV in page


def test_the_list_is_one_part_with_the_counters_beside_it(desk, appeal, words):
    part = desk.part("/worklist")

    assert part.lstrip().startswith("<aside")
    assert '<hx-partial hx-target="#desk-state"' in part
    assert "1 в работе" in words(part)


def test_going_back_in_the_history_draws_the_whole_page(desk, appeal):
    restored = desk.browser.get(
        f"/operator/appeals/{appeal.id}", headers={"HX-Request": "true", "HX-Request-Type": "full"}
    )

    assert restored.text.lstrip().startswith("<!doctype html>")


def test_what_waits_and_what_is_postponed_stand_in_groups_of_their_own(desk, appeal, words):
    stories.postpone(appeal, cast.anna(), hours=2)

    part = words(desk.part("/worklist"))

    assert "В работе 0" in part
    assert "Отложены 1" in part
    assert "до 14:00" in part


def test_others_appeals_do_not_exist_here(desk, signed_in, appeal):
    stranger = signed_in(cast.igor())

    assert stranger.get(f"/operator/appeals/{appeal.id}").status_code == 404


def test_the_desk_is_for_operators(desk, signed_in):
    boris = signed_in(cast.boris())

    assert boris.get("/operator").status_code == 403
    assert boris.get("/operator/worklist").status_code == 403
