"""What every measured centre begins with: people and queues of the demo without letters, operators at work."""

from collections.abc import Iterable

from cec import demo
from cec.platform.db import unit_of_work
from cec.staff import presence
from cec.staff.models import Employee, Presence

# Ten thousand clients to write.
ADDRESSES = """
    INSERT INTO address (id, type, value, normalised, display, can_receive)
    SELECT 1000000 + n, 'email', n || '@bench.example', n || '@bench.example', '', true
    FROM generate_series(0, 9999) n"""


def fill(password: str = "unused-password", smtp_port: int = 9) -> None:  # noqa: S107 - of a database of a minute
    """Fill an empty centre, in the caller's transaction."""
    demo.LETTERS.clear()
    smtp = {"host": "127.0.0.1", "port": smtp_port, "tls": "none"}
    demo.fill(dict.fromkeys(demo.PEOPLE, password), smtp=smtp)


def set_to_work(people: Iterable[Employee]) -> None:
    """Let people take appeals, each in a transaction of his own."""
    for person in people:
        with unit_of_work():
            presence.set_status(person, Presence.ACTIVE, by=person.key, source="self")
