"""The stored state: compacted, small, the same after reading."""

from cec.workflow import state
from cec.workflow.state import COMPLETED, READY, STARTED, WAITING, Row, Shape, Tree

PLAIN = Shape(compactable=True, joins=frozenset({"join"}), splits=frozenset({"split"}))
LOOKS_BACK = Shape(compactable=False, joins=frozenset(), splits=frozenset())


def rows(*told):
    """Rows of (token, parent, state); the element is the first word of the token."""
    return [
        Row(token, parent, token.partition("_")[0], code, data={"step": number}) for number, (token, parent, code) in
        enumerate(told)
    ]  # fmt: skip


def kept(told, shape=PLAIN, **options):
    return [(row.token, row.parent) for row in state.compact(Tree(None, "errand", rows(*told), **options), shape)]


HISTORY = [("start", None, COMPLETED), ("a", "start", COMPLETED), ("b", "a", COMPLETED), ("c", "b", READY)]


def test_a_straight_past_is_forgotten():
    assert kept(HISTORY) == [("start", None), ("c", "start")]


def test_where_joins_look_back_nothing_is_forgotten():
    assert len(kept(HISTORY, LOOKS_BACK)) == 4


def test_an_activity_keeps_the_split_that_holds_its_events():
    told = [("start", None, COMPLETED), ("a", "start", COMPLETED), ("split", "a", COMPLETED), ("task", "split", READY)]

    assert kept(told) == [("start", None), ("split", "start"), ("task", "split")]
    assert kept([*told, ("timer", "split", WAITING)])[1:] == [("split", "start"), ("task", "split"), ("timer", "split")]


def test_a_finished_side_branch_does_not_pin_the_past():
    told = [
        ("start", None, COMPLETED), ("split", "start", COMPLETED), ("timer", "split", COMPLETED),
        ("told", "timer", COMPLETED), ("join", "told", WAITING), ("task", "split", READY),
    ]  # fmt: skip

    assert kept(told) == [("start", None), ("split", "start"), ("task", "split")]


def test_two_living_branches_keep_their_common_ancestor():
    told = [*HISTORY[:3], ("left_1", "b", COMPLETED), ("left_2", "left_1", READY), ("right", "b", READY)]

    assert kept(told) == [("start", None), ("b", "start"), ("left_1", "b"), ("left_2", "left_1"), ("right", "b")]


def test_what_has_only_begun_is_kept():
    assert kept([("start", None, READY)]) == [("start", None)]


def test_what_has_ended_keeps_its_start_only():
    assert kept([("start", None, COMPLETED), ("end", "start", COMPLETED)], completed=True) == [("start", None)]


def test_a_called_process_goes_with_its_call():
    own = Tree(None, "errand", rows(("start", None, COMPLETED), ("call", "start", STARTED)))
    done = Tree(None, "errand", rows(("start", None, COMPLETED), ("call", "start", COMPLETED), ("next", "call", READY)))
    called = Tree("call", "help", rows(("inner", None, COMPLETED), ("deep", "inner", STARTED)))
    deeper = Tree("deep", "help", rows(("in", None, COMPLETED), ("task", "in", READY)))
    shapes = {"errand": PLAIN, "help": PLAIN}

    assert [tree.owner for tree in state.load(state.dump([own, called, deeper], shapes))] == [None, "call", "deep"]
    assert [tree.owner for tree in state.load(state.dump([done, called, deeper], shapes))] == [None]


def test_data_is_the_same_after_reading():
    first = Row("start", None, "start", COMPLETED, data={"a": 1, "b": [1, 2], "gone": True})
    second = Row(
        "task", "start", "task", READY, changed=12.5, triggered=True, internal={"event_value": "x"},
        data={"a": 1, "b": [1, 2], "c": {"d": None}},
    )  # fmt: skip
    tree = Tree(None, "errand", [first, second], data={"final": 1})

    (again,) = state.load(state.dump([tree], {"errand": LOOKS_BACK}))

    assert again == tree
    assert again.rows[0].data["b"] is not again.rows[1].data["b"]


def test_what_does_not_change_is_stored_once():
    word = "x" * 1000
    chain = [Row(str(n), str(n - 1) if n else None, "task", READY, data={"word": word, "n": n}) for n in range(20)]

    assert len(state.dump([Tree(None, "errand", chain)], {"errand": LOOKS_BACK})) < 2500
