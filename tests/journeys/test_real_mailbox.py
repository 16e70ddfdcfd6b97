"""Guide 1.2, 3.2.4: a mailbox is set up in the browser; the answer is read in the client's own mailbox.

The servers of the other side are real: Dovecot keeps both mailboxes, OpenSMTPD carries what goes out.
"""

import smtplib
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import cast, peers

WORKSHOP = "workshop@centre.example"
NINA = "Нина Рокотова"
FIELD = "Сообщение клиенту"


@pytest.fixture
def workshop(works: Callable[..., Page], dovecot: peers.Dovecot, opensmtpd: peers.OpenSmtpd) -> Page:
    """Give Vera's page of the mailbox of the workshop, which she has just set up, and tried."""
    vera = works("vera", status="")
    vera.goto("/centre/mailboxes")
    vera.get_by_label("Название").fill("Мастерская")
    vera.get_by_label("Адрес").fill(WORKSHOP)
    vera.get_by_label("Код").fill("workshop")
    servers = {"smtp": opensmtpd.account("tls"), "imap": {"host": "localhost", "port": dovecot.tls_port, "tls": "tls"}}
    for which, server in servers.items():
        vera.locator(f"[name={which}_host]").fill(str(server["host"]))
        vera.locator(f"[name={which}_port]").fill(str(server["port"]))
        vera.locator(f"[name={which}_tls]").select_option(str(server["tls"]))
        vera.locator(f"[name={which}_user]").fill(str(server.get("user", "workshop")))
        vera.locator(f"[name={which}_password]").fill(peers.PASSWORD)
    vera.get_by_role("button", name="Добавить и проверить").click()
    vera.get_by_role("button", name="Проверить соединение").click()
    expect(vera.locator(".lines .good")).to_have_count(3, timeout=30_000)
    return vera


def writes(server: peers.OpenSmtpd, words: str, **headers: str) -> None:
    """Let Nina write from her own mail program to the workshop."""
    letter = cast.a_letter(words, sender=f"{NINA} <nina@client.example>", to=WORKSHOP, **headers)
    with smtplib.SMTP(peers.HOST, server.plain, timeout=20) as her_provider:
        her_provider.send_message(letter, to_addrs=[WORKSHOP])


def test_an_answer_is_read_in_the_clients_own_mailbox_and_she_answers_from_there(
    works: Callable[..., Page], workshop: Page, dovecot: peers.Dovecot, opensmtpd: peers.OpenSmtpd
) -> None:
    anna = works("anna")
    writes(opensmtpd, "Почините ли вы кресло?", subject="Кресло")
    offer = anna.get_by_role("alertdialog").filter(has_text=NINA)
    expect(offer).to_be_visible(timeout=20_000)
    offer.get_by_role("button", name="Принять").click()
    anna.get_by_label(FIELD).fill("Починим за два дня, привозите.")
    anna.get_by_label(FIELD).press("Control+Enter")

    read = dovecot.await_letter("nina", "Починим за два дня")
    assert (read["From"].addresses[0].addr_spec, read["To"].addresses[0].addr_spec) == (WORKSHOP, "nina@client.example")
    assert "кресло?" in read.get_body(("plain",)).get_content()
    expect(anna.get_by_role("log")).to_contain_text("Отправлено")

    writes(opensmtpd, "Спасибо, привезу завтра", subject="Re: " + read["Subject"], in_reply_to=read["Message-ID"])
    expect(anna.get_by_role("log")).to_contain_text("Спасибо, привезу завтра", timeout=20_000)
    workshop.goto("/centre/mailboxes")
    expect(workshop.get_by_role("row").filter(has_text=WORKSHOP)).to_contain_text("В порядке")
