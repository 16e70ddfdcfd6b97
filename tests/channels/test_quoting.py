"""What the client newly wrote, as the mail programs of our clients set it apart."""

import pytest

from cec.channels.email import parsing, quoting

NEW = "Добрый день!\n\nЗаказ так и не приехал."

HISTORIES = {
    "Gmail": "пн, 23 нояб. 2026 г. в 12:00, Магазин <shop@shop.example>:\n\n> Заказ едет.\n> Анна",
    "Gmail, broken in two":
        "On Mon, Nov 23, 2026 at 12:00 PM The Shop of Everything\n<shop@shop.example> wrote:\n\n> On its way",
    "Yandex": '23.11.2026, 12:00, "Магазин" <shop@shop.example>:\nЗаказ едет.\nАнна',
    "Mail.ru": "Понедельник, 23 ноября 2026, 12:00 +03:00 от Магазин <shop@shop.example>:\n \nЗаказ едет.",
    "Thunderbird": "23.11.2026 12:00, Магазин пишет:\n> Заказ едет.",
    "Apple": "23 нояб. 2026 г., в 12:00, Магазин <shop@shop.example> написал(а):\n\n\nЗаказ едет.",
    "Outlook":
        "От: Магазин <shop@shop.example>\nОтправлено: 23 ноября 2026 г.\nКому: Петров\nТема: Заказ\n\nЗаказ едет.",
    "Outlook, with a rule":
        "________________________________\nFrom: Shop\nSent: Monday\nTo: Petrov\nSubject: Order\n\nOn its way",
    "Outlook, old": "-----Исходное сообщение-----\nОт: Магазин\n\nЗаказ едет.",
    "separator": "-----Original Message-----\nFrom: Shop\n\nOn its way",
    "German": "Am 23.11.2026 um 12:00 schrieb Laden <shop@shop.example>:\n> unterwegs",
    "Yandex, with a head":
        "----------------\nКому: Пётр (petrov@client.example);\nТема: Заказ;\n"
        '23.11.2026, 12:00, "Магазин" <shop@shop.example>:\nЗаказ едет.',
    "Apple, forwarded": "Начало переадресованного сообщения:\n\nОт: Магазин\nТема: Заказ\n\nЗаказ едет.",
    "iPhone": "Отправлено с iPhone\n\n> 23 нояб. 2026 г., в 12:00, Магазин <s@s.example> написал(а):\n> \n> едет.",
    "The Bat!": "Вы писали 23 ноября 2026 г., 12:00:\n\nМ> Заказ едет.\nМ> Анна",
    "Roundcube": "Магазин писал(а) 2026-11-23 12:00:\n> Заказ едет.",
    "Lotus Notes": '-----"Магазин" <shop@shop.example> написал: -----\nКому: Пётр\nТема: Заказ\n\nЗаказ едет.',
    "a name alone": "Анна Котова пишет:\n\n> Заказ едет.",
    "Orange": "========\n\nMessage du : 23/11/2026 12:00\nDe : Shop <s@s.example>\nA : p@c.example\nSujet : x\n\nold",
    "quoted only": "> Заказ едет.\n> Анна",
}  # fmt: skip


@pytest.mark.parametrize("program", HISTORIES)
def test_the_history_is_set_apart(program):
    assert quoting.fresh(f"{NEW}\n\n{HISTORIES[program]}\n") == NEW


@pytest.mark.parametrize(
    "end", ["Отправлено с iPhone", "Sent from my iPhone", "--\nОтправлено из Mail для Android", "--"]
)
def test_what_a_telephone_says_of_itself_is_set_apart(end):
    assert quoting.fresh(f"{NEW}\n\n{end}") == NEW


@pytest.mark.parametrize("end", ["-- \nПётр Петров\n+7 900", "--\nPeter"])
def test_a_signature_is_read_but_judged_by_no_rule(end):
    words = quoting.fresh(f"{NEW}\n\n{end}\n\n23.11.2026 12:00, Магазин пишет:\n> едет")

    assert words == f"{NEW}\n\n{end}"
    assert quoting.unsigned(words) == NEW
    assert quoting.unsigned(end) == end


@pytest.mark.parametrize(
    "text",
    [
        "Курьер написал: буду в 12:00",
        "On Monday I wrote to you:\nwhere is it?",
        "From: Moscow\nto the border, please",
        "Список:\n- один\n- два",
        "Дата: 23.11.2026\nСумма: 100",
        "Best regards,\nPeter\n\nPS one more thing",
        "He wrote <b>",
    ],
)
def test_what_only_looks_like_history_stays(text):
    assert quoting.fresh(text) == text


def test_answers_between_the_lines_are_kept():
    text = "> Адрес?\nТверская, 1\n> Время?\nПосле шести"

    assert quoting.fresh(text) == "Тверская, 1\nПосле шести"


def test_words_below_the_quotation_are_kept():
    text = f"{NEW}\n\nOn Mon, Nov 23, 2026 at 12:00, Shop <shop@shop.example> wrote:\n> old\n\nИ ещё одно."

    assert quoting.fresh(text) == f"{NEW}\n\nИ ещё одно."


def test_a_mail_that_is_forwarded_without_a_word_is_shown_whole():
    text = "---------- Forwarded message ----------\nFrom: Shop\n\nOn its way"

    assert quoting.fresh(text) == text


def test_what_the_sender_quotes_himself_above_the_history_stays():
    text = "Вы обещали:\n> за два дня\n\nГде?\n\n23.11.2026, 12:00, Магазин <shop@shop.example>:\n> Заказ едет."

    assert quoting.fresh(text) == "Вы обещали:\n> за два дня\n\nГде?"


# Replies as these programs write them, HTML alone.
PAGES = {
    "Gmail": '<div dir="ltr">{new}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        'class="gmail_attr">пн, 23 нояб. 2026 г. в 12:00, Магазин &lt;<a href="mailto:s@s.example">s@s.example</a>&gt;:'
        '<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">Заказ едет.</blockquote></div>',
    "Gmail, 2014": '<div dir="ltr">{new}</div><div class="gmail_extra"><br><div class="gmail_quote">2014-04-17 18:48 '
        'GMT+04:00 Shop <span dir="ltr">&lt;s@s.example&gt;</span>:<br><blockquote class="gmail_quote">old'
        "</blockquote></div></div>",
    "Mail.ru": "<div>{new}</div><div>&nbsp;</div><blockquote style='border-left:1px solid #0857A6;margin:10px;'>"
        "Понедельник, 23 ноября 2026, 12:00 +03:00 от Магазин &lt;s@s.example&gt;:<br>Заказ едет.</blockquote>",
    "Mail.ru, 2014": "{new}<br><br>Fri, 11 Apr 2014 12:00:00 +0400 от Магазин &lt;s@s.example&gt;:<br>"
        "<blockquote style='border-left:1px solid #0857A6'>Заказ едет.</blockquote>",
    "Yandex": '<div>{new}</div><div>&nbsp;</div><div>----------------</div><div>Кому: Пётр (p@c.example);</div><div>'
        'Тема: Заказ;</div><div>23.11.2026, 12:00, "Магазин" &lt;s@s.example&gt;:</div><blockquote><p>Едет.</p>'
        "</blockquote>",
    "Yandex, 2014": '<div>{new}</div><div> </div><div>11.04.2014, 16:21, "Shop" &lt;s@s.example&gt;:</div>'
        '<blockquote type="cite"><p>old</p></blockquote>',
    "Outlook 2003": '<p>{new}</p><div><hr size=2 width="100%" tabindex=-1><b>From:</b> Shop [mailto:s@s.example] <br>'
        "<b>Sent:</b> Friday, April 11, 2014 4:21 PM<br><b>To:</b> p@c.example<br><b>Subject:</b> x</div><p>old</p>",
    "Outlook, in a language nobody knows": '<p>{new}</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:'
        '3.0pt 0cm 0cm 0cm"><p><b>Kimdan:</b> Shop<br><b>Konu:</b> x</p></div><p>old</p>',
    "Outlook on the web": '<div>{new}</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%">'
        '<div id="divRplyFwdMsg" dir="ltr"><b>От:</b> Магазин<br><b>Тема:</b> x</div><div>Заказ едет.</div>',
    "Hotmail": '<div>{new}<br><br><hr id="stopSpelling">Date: Fri, 11 Apr 2014 16:21:00 +0400<br>Subject: x<br>'
        "From: s@s.example<br>To: p@c.example<br><br>old</div>",
    "Windows Mail": '<div>{new}</div><div style="border-top-color: rgb(229, 229, 229); border-top-width: 2px; '
        'border-top-style: solid;"><b>Von:</b>&nbsp;Shop<br><b>Gesendet:</b>&nbsp;Freitag</div><div>old</div>',
    "Thunderbird": '{new}<br><div class="moz-cite-prefix">23.11.2026 12:00, Магазин пишет:<br></div>'
        '<blockquote type="cite" cite="mid:1@s.example"><p>Заказ едет.</p></blockquote>',
    "Yahoo": '<div>{new}</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Monday, November 23, 2026, Shop '
        "&lt;s@s.example&gt; wrote:</div><div>old</div></div>",
    "Zimbra": '<div>{new}</div><hr id="zwchr" data-marker="__DIVIDER__"><div><b>From: </b>Shop<br><b>To: </b>Petrov'
        "<br></div><div>old</div>",
    "Apple": '<div>{new}</div><br><div><blockquote type="cite"><div>23 нояб. 2026 г., в 12:00, Магазин &lt;'
        's@s.example&gt; написал(а):</div><br><div>Заказ едет.</div></blockquote></div>',
    "Samsung": "<div>{new}</div><div>-------- Исходное сообщение --------</div><div>От: Магазин</div><div>Дата: "
        "23.11.2026</div><div>Едет.</div>",
    "Proton": '<div>{new}</div><div class="protonmail_quote">В понедельник Магазин написал:<br><blockquote>Едет.'
        "</blockquote></div>",
    "Roundcube": '<p>{new}</p><p id="reply-intro">Магазин писал(а) 2026-11-23 12:00:</p><blockquote>Едет.</blockquote>',
}  # fmt: skip


@pytest.mark.parametrize("program", PAGES)
def test_the_history_of_an_html_reply_is_set_apart(program):
    words = "Добрый день!<br><br>Заказ так и не приехал."
    raw = f"From: p@c.example\nContent-Type: text/html; charset=utf-8\n\n{PAGES[program].format(new=words)}"

    event = parsing.parse(raw.encode(), {})

    assert event.fresh_text == NEW
    assert "old" in event.text or "дет." in event.text


def test_a_paragraph_moved_to_the_right_is_no_quotation():
    page = 'Адрес:<blockquote style="margin:0 0 0 40px;border:none;padding:0px">Тверская, 1</blockquote>'

    event = parsing.parse(f"From: p@c.example\nContent-Type: text/html; charset=utf-8\n\n{page}".encode(), {})

    assert event.text == "Адрес:\n\nТверская, 1"


def test_a_rule_that_an_author_draws_in_word_quotes_nobody():
    page = '<p>До</p><div style="border:none;border-top:solid windowtext 1.0pt;padding:1.0pt 0cm">После</div>'

    event = parsing.parse(f"From: p@c.example\nContent-Type: text/html; charset=utf-8\n\n{page}".encode(), {})

    assert event.fresh_text is None
    assert event.text == "До\n\nПосле"
