"""What the client newly wrote, as the mail programs of our clients set it apart."""

import pytest

from cec.channels.email import quoting

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
    "quoted only": "> Заказ едет.\n> Анна",
}  # fmt: skip


@pytest.mark.parametrize("program", HISTORIES)
def test_the_history_is_set_apart(program):
    assert quoting.fresh(f"{NEW}\n\n{HISTORIES[program]}\n") == NEW


@pytest.mark.parametrize("end", ["-- \nПётр Петров\n+7 900", "--\nPeter", "Отправлено с iPhone", "Sent from my iPhone"])
def test_a_signature_is_set_apart(end):
    assert quoting.fresh(f"{NEW}\n\n{end}") == NEW


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

    assert quoting.fresh(text) == f"{NEW}\n\n\nИ ещё одно."


def test_a_mail_that_is_forwarded_without_a_word_is_shown_whole():
    text = "---------- Forwarded message ----------\nFrom: Shop\n\nOn its way"

    assert quoting.fresh(text) == text
