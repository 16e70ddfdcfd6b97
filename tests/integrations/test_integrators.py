"""docs/integrators.md: from key to closed appeal and event, with the very curl lines of the page."""

import os
import re
import shutil
import subprocess
import threading

import cast
import orjson
import pytest
from werkzeug.serving import make_server

from cec.appeals import delivering
from cec.appeals.models import Message
from cec.integrations import events, posting, receivers
from cec.platform import clock as clocks
from cec.platform import work
from cec.platform.db import unit_of_work


@pytest.fixture
def lines(repository):
    """The blocks of shell lines, in their order."""
    page = (repository / "docs/integrators.md").read_text("utf-8")
    return re.findall(r"```sh\n(.*?)```", page, re.DOTALL)


@pytest.fixture
def centre(app, db, program):
    """A centre that serves on a port, and what an integrator gets from its administrator."""
    cast.a_centre()
    topic = cast.a_topic()
    with unit_of_work():
        _account, secret = cast.an_api_channel()
        token = cast.a_key()
        receivers.create(name="CRM", url=program.url, kinds=receivers.KINDS, by="system")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    given = {"CEC": f"http://127.0.0.1:{server.server_port}", "CHANNEL": "app", "KEY": token, "SECRET": secret}
    yield {**given, "TOPIC": str(topic.id)}
    server.shutdown()
    thread.join()
    server.server_close()


def run(lines, given):
    """Run a block as a shell does, and read the JSON that each curl gave."""
    done = subprocess.run(  # noqa: S603
        [shutil.which("bash"), "-euc", lines], env={**os.environ, **given}, check=True, capture_output=True, text=True
    )
    return [
        orjson.loads(told) for told in re.findall(r"^\{.*?\}$(?=\n|\Z|\{)", done.stdout, re.MULTILINE)
    ] or done.stdout


def worked():
    while work.run_due() or delivering.deliver_due() or events.gather() or posting.post_due():
        pass


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="the page needs curl and openssl")
def test_an_integrator_gets_from_a_key_to_a_closed_appeal_and_its_event(lines, centre, program, db):
    setting, hand_over, stands, take, reply, directories, close, rate, read, receipt = lines
    assert set(re.findall(r"export (\w+)", setting)) <= set(centre)

    (taken,) = run(hand_over, centre)
    worked()
    (standing,) = run(stands, centre)
    assert (taken["message_id"], standing["state"]) == ("in-1", "taken")
    given = {**centre, "APPEAL": str(standing["appeal"]["id"])}
    assert run(take, given)[0]["status"] == "in_work"
    (answer,) = run(reply, given)
    assert run(reply, given) == [answer]
    worked()
    assert "solved" in str(run(directories, given))
    assert run(close, given)[0]["status"] == "closed"
    worked()

    assert run(rate, given)[0]["mark"] == 5
    assert standing["appeal"]["number"] in str(run(read, given))
    heard = [each["type"] for each in program.heard]
    assert heard[-2:] == ["appeal.closed", "rating.requested"]
    assert [each["seq"] for each in program.heard] == list(range(1, len(heard) + 1))
    run(receipt.replace("$(date +%s)", str(int(clocks.now().timestamp()))), {**given, "ANSWER": str(answer["id"])})
    worked()
    assert db.session.get_one(Message, answer["id"], populate_existing=True).state == "read"
    assert program.heard[-1]["message"]["state"] == "read"
