"""What mail servers found out about a sender: only the one that the mailbox trusts is believed."""

import pytest

from cec.channels.email import parsing


def checks(*headers, sender="petrov@client.example"):
    lines = "".join(f"Authentication-Results: {header}\n" for header in headers)
    return parsing.parse(f"{lines}From: Petrov <{sender}>\n\nx".encode(), {}).checks


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ("dmarc=pass header.from=client.example", "pass"),
        ("dmarc=fail (p=reject); dkim=pass header.d=other.example", "fail"),
        ("dkim=pass header.d=client.example", "pass"),
        ("dkim=pass header.i=@mail.client.example; spf=fail smtp.mailfrom=x@y.example", "pass"),
        ("spf=pass smtp.mailfrom=petrov@client.example; dkim=none", "pass"),
        ("dkim=fail; dkim=pass header.d=client.example", "pass"),
        ("dkim=pass header.d=mailer.example; spf=pass smtp.mailfrom=b@mailer.example", ""),
        ("dkim=pass header.d=notclient.example", ""),
        ("spf=fail smtp.mailfrom=petrov@client.example; dkim=none", "fail"),
        ("spf=softfail; dkim=none", ""),
        ("none", ""),
    ],
)
def test_a_sender_is_judged_by_what_vouches_for_his_domain(found, verdict):
    assert checks(f"mx.shop.example; {found}")["mx.shop.example"]["verdict"] == verdict


def test_the_topmost_result_of_a_server_counts():
    ours, forged = "mx.shop.example; dmarc=fail", "mx.shop.example 1; dmarc=pass"

    assert checks(ours, forged, "other.example; spf=pass")["mx.shop.example"]["verdict"] == "fail"


@pytest.mark.parametrize("broken", ["", ";;;", "mx; dkim", "=; dmarc=pass", "mx (" + "(" * 5000, "\x00; spf=pass"])
def test_broken_results_say_nothing(broken):
    assert all(check["verdict"] == "" for name, check in checks(broken).items() if name == "mx")
