"""Of several turns a figure is the middle one, with its spread; a fault in one of them is a fault."""

from cec import measuring

RATE = {"name": "engine.start", "value": 400, "unit": "/s", "limit": 600, "ratio": 0.67, "goal": 0.35, "holds": True,
        "note": "4 SQL"}  # fmt: skip
FAULTS = {"name": "claims.books", "value": 0, "unit": "faults", "limit": 0, "ratio": 0.0, "goal": 0, "holds": True,
          "note": "3 killed"}  # fmt: skip


def test_the_turn_with_the_middle_ratio_speaks_and_the_others_are_its_spread() -> None:
    # A slow machine is slow for the limit too: the ratio is compared, not the value.
    turns = [[RATE], [RATE | {"value": 200, "limit": 290, "ratio": 0.69}], [RATE | {"value": 410, "ratio": 0.68}]]

    [told] = measuring.median(turns)

    assert (told["value"], told["ratio"], told["spread"]) == (410, 0.68, [200, 410])
    assert told["note"] == "200 to 410 in 3 runs; 4 SQL"


def test_what_takes_long_is_told_as_it_was() -> None:
    assert list(measuring.median([[RATE, FAULTS]])) == [RATE, FAULTS]


def test_one_fault_in_three_turns_is_told() -> None:
    [told] = measuring.median([[FAULTS], [FAULTS | {"value": 1, "holds": False}], [FAULTS]])

    assert (told["value"], told["holds"], told["spread"]) == (1, False, [0, 1])
