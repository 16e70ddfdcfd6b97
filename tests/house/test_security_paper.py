"""What docs/security.md says is tested, is tested by a test of that name."""

import re

from tests import attacking


def test_every_test_that_the_paper_names_is_there():
    named = [test for _point, _what, test in attacking.points()]
    missing = [
        test
        for test in named
        for path, _, name in [test.partition("::")]
        if not re.search(rf"^def {name}\(", (attacking.ROOT / path).read_text("utf-8"), re.MULTILINE)
    ]

    assert len(named) > 30
    assert missing == []
    assert attacking.PAPER.read_text("utf-8").count("`tests/") == len(named) + 1
