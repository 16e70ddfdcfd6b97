"""The demo centre: a shop with three queues, five people and a morning's mail, made through the ordinary doors."""

import datetime as dt
from email.message import EmailMessage
from typing import Any

from cec.appeals.models import Resolution, ResolutionKind
from cec.channels import accounts, receiving
from cec.channels.models import ChannelAccount
from cec.channels.webchat import founding
from cec.channels.webchat.looks import Looks, Words
from cec.clients.addresses import normalise
from cec.clients.models import Address, Client
from cec.platform import journal
from cec.platform.db import db
from cec.queues.models import Queue
from cec.replies import auto_replies, catalogues, templates
from cec.replies.auto_replies import Event
from cec.replies.catalogues import Place
from cec.replies.templates import Wanted
from cec.staff.models import Branch, Employee, OperatorGroup, StatusReason, Workplace
from cec.staff.passwords import hash_password
from cec.topics.models import Topic

MAILBOX = "shop@demo.example"
# The code of the web chat on the page of the shop.
CHAT = "shop-chat"

LOOKS = Looks(
    color="#5b4630",
    asks={"name": "may", "email": "no", "phone": "no"},
    words={
        "ru": Words(title="Магазин «Линд»", greeting="Здравствуйте! О чём вопрос?"),
        "en": Words(title="Lind", greeting="Hello! What is it about?"),
    },
)

# Login: name, roles.
PEOPLE: dict[str, tuple[str, list[str]]] = {
    "anna": ("Анна Котова", ["operator"]),
    "igor": ("Игорь Лапшин", ["operator"]),
    "boris": ("Борис Лаптев", ["supervisor"]),
    "vera": ("Вера Орлова", ["business_admin"]),
    "marina": ("Марина Тихонова", ["marketer"]),
}
# Code: name, weight, target in minutes, groups.
QUEUES: dict[str, tuple[str, float, int, list[str]]] = {
    "delivery": ("Доставка", 2.0, 10, ["first_line"]),
    "payment": ("Оплата", 4.0, 5, ["first_line", "payments"]),
    "general": ("Общие вопросы", 1.0, 30, ["first_line"]),
}
GROUPS: dict[str, tuple[str, list[str]]] = {
    "first_line": ("Первая линия", ["anna", "igor"]),
    "payments": ("Расчёты", ["igor"]),
}
TOPICS: dict[str, list[str]] = {
    "Доставка": ["Где заказ", "Перенос срока", "Повреждение"],
    "Оплата": ["Не прошла оплата", "Возврат денег", "Чек и документы"],
    "Товар": ["Наличие", "Обмен", "Гарантия"],
    "Другое": ["Благодарность", "Прочее"],
}
RESOLUTIONS: dict[str, tuple[str, ResolutionKind]] = {
    "solved": ("Вопрос решён", ResolutionKind.SOLVED),
    "partly": ("Решён частично", ResolutionKind.PARTLY),
    "informed": ("Дана консультация", ResolutionKind.INFORMED),
    "refused": ("Отказано", ResolutionKind.REFUSED),
    "no_answer": ("Клиент не ответил", ResolutionKind.NO_ANSWER),
    "duplicate": ("Дубликат", ResolutionKind.DUPLICATE),
}
# Reasons for a break: name, icon.
REASONS = {"Обед": "tools-kitchen-2", "Перерыв": "coffee", "Обучение": "school", "Совещание": "users"}
CLIENTS: list[tuple[str, str, str | None]] = [
    ("Ольга Нестерова", "o.nesterova@primer.example", "vip"),
    ("Руслан Гайнутдинов", "ruslan.g@primer.example", None),
    ("Тамара Фролова", "tamara@primer.example", None),
    ("Артур Манукян", "artur.m@primer.example", None),
]
LETTERS: list[tuple[str, str, str, str]] = [
    (
        "Ольга Нестерова",
        "o.nesterova@primer.example",
        "Заказ 81-5206: перенос доставки",
        "Здравствуйте! Обещали привезти стеллаж сегодня с 10 до 14, теперь «перенесено». Когда ждать доставку?",
    ),
    (
        "Руслан Гайнутдинов",
        "ruslan.g@primer.example",
        "Возврат за повреждённый стол",
        "Добрый день. Стол привезли с трещиной, акт подписали. Когда вернутся деньги на карту? Оплата была 18 ноября.",
    ),
    (
        "Тамара Фролова",
        "tamara@primer.example",
        "Гарантия на кресло",
        "Подскажите, пожалуйста, распространяется ли гарантия на газлифт кресла? Покупала в августе.",
    ),
    (
        "Артур Манукян",
        "artur.m@primer.example",
        "Оплата прошла, а заказа нет",
        "Деньги списали дважды, а заказ в кабинете висит как неоплаченный. Проверьте, пожалуйста, оплату.",
    ),
    (
        "Светлана Агапова",
        "agapova@primer.example",
        "Курьер не нашёл подъезд",
        "Курьер уехал, не дозвонившись. Можно привезти завтра после 18? Домофон 45.",
    ),
    (
        "ИП Бережной",
        "berezhnoy@primer.example",
        "Счёт и закрывающие документы",
        "Пришлите, пожалуйста, закрывающие документы за октябрь и счёт на оплату нового заказа.",
    ),
    (
        "Константин Рябов",
        "k.ryabov@primer.example",
        "Не тот цвет стола",
        "Добрый день! Привезли не тот цвет стола, курьер уже уехал. Как обменять?",
    ),
]

# Templates of answers by catalogue and the queue it is for: name, words, tags.
REPLIES: dict[tuple[str, str | None], list[tuple[str, str, str]]] = {
    ("Общие", None): [
        (
            "Приветствие",
            'Здравствуйте, {{client.first_name|default:"клиент"}}!\nСпасибо, что написали нам. ',
            "начало письма",
        ),
        (
            "Проверяем, вернёмся с ответом",
            "Приняли ваше обращение {{appeal.number}}. Уточним детали и ответим сегодня до 18:00.",
            "уточнение, пауза",
        ),
        ("Нужен номер заказа", "Подскажите, пожалуйста, номер заказа: он в письме о покупке, сверху.", "уточнение"),
        ("Завершение", "Если появятся вопросы, отвечайте на это письмо: оно придёт сразу мне.", "конец письма"),
    ],
    ("Сроки и курьеры", "delivery"): [
        (
            "Перенос доставки",
            (
                'Здравствуйте, {{client.first_name|default:"клиент"}}!\nИзвините за перенос. Ближайшие свободные окна: '
                "завтра с 10 до 14 или с 16 до 20. Какое вам удобнее?"
            ),
            "опоздание, новый срок",
        ),
        (
            "Заказ у курьера",
            "Заказ уже у курьера. Он позвонит за час до приезда с номера, который вы указали.",
            "где заказ, статус",
        ),
        (
            "Подъём на этаж",
            "Подъём на этаж при исправном лифте бесплатный. Без лифта: 350 ₽ за этаж, оплата на месте.",
            "лифт, стоимость",
        ),
        (
            "Повреждение при доставке",
            "Очень жаль, что так вышло. Пришлите фото упаковки и места повреждения: привезём замену за свой счёт.",
            "брак, трещина, замена",
        ),
    ],
    ("Деньги и документы", "payment"): [
        (
            "Возврат на карту",
            "Возврат отправили {{date}}. Банк зачисляет деньги до 10 рабочих дней, чаще за 2–3 дня.",
            "деньги, карта, срок",
        ),
        (
            "Двойное списание",
            "Второе списание банк отменит сам в течение трёх дней. Если деньги не вернутся, напишите: вернём вручную.",
            "оплата, ошибка",
        ),
        (
            "Чек и закрывающие документы",
            "Электронный чек пришёл на почту в день оплаты. Закрывающие документы пришлём ответом на это письмо.",
            "счёт, бухгалтерия",
        ),
    ],
    ("Товары", "general"): [
        (
            "Гарантия",
            "Гарантия на мебель 24 месяца со дня доставки, на механизмы 12. Опишите неисправность и приложите фото.",
            "ремонт, газлифт",
        ),
        (
            "Обмен в течение 7 дней",
            "Обменять товар можно в течение 7 дней, если сохранились упаковка и вид. Заберём его сами, бесплатно.",
            "не тот цвет, возврат товара",
        ),
    ],
}

# What the centre would answer by itself, once an administrator lets it: name, words.
AUTO_REPLIES: dict[Event, tuple[str, str]] = {
    Event.ARRIVED: (
        "Приняли обращение",
        "Здравствуйте! Мы получили ваше письмо, его номер {{appeal.number}}. Ответим в ближайшее время.",
    ),
    Event.OUT_OF_HOURS: (
        "Мы сейчас не работаем",
        "Здравствуйте! Ваше обращение {{appeal.number}} принято. Магазин работает по будням с 9 до 21, ответим утром.",
    ),
    Event.ACCEPTED: ("Оператор на связи", "Здравствуйте! Меня зовут {{operator.first_name}}, смотрю ваш вопрос."),
    Event.WAITS_LONG: ("Вы ещё в очереди", "Спасибо, что ждёте. Вы в очереди {{queue.position}}-й, мы про вас помним."),
    Event.CLIENT_SILENT: ("Ждём вашего ответа", "Здравствуйте! Мы ждём вашего ответа по обращению {{appeal.number}}."),
}
# Those that go by time: after how long, how often then, so many times.
AUTO_WAITS: dict[Event, dict[str, Any]] = {
    Event.WAITS_LONG: {"after": dt.timedelta(minutes=15), "repeat": dt.timedelta(minutes=20), "times": 3},
    Event.CLIENT_SILENT: {"after": dt.timedelta(hours=24)},
}


def is_empty() -> bool:
    """Tell whether nobody works here yet."""
    return not db.session.scalar(db.select(db.exists().select_from(Employee)))


def fill(passwords: dict[str, str], *, smtp: dict[str, Any]) -> None:
    """Furnish an empty centre; `passwords` by login, `smtp` the server that takes its outgoing mail."""
    branch = Branch(name="Казань", zone="Europe/Moscow")
    db.session.add_all([branch, Workplace(branch=branch, name="Доставка и возвраты")])
    people = {
        login: Employee(
            login=login, name=name, roles=roles, branch=branch, password_hash=hash_password(passwords[login])
        )
        for login, (name, roles) in PEOPLE.items()
    }
    db.session.add_all(people.values())
    db.session.flush()
    groups = {
        code: OperatorGroup(
            code=code, name=name, members=[people[login] for login in logins], leader_id=people["boris"].id
        )
        for code, (name, logins) in GROUPS.items()
    }
    _queues(groups)
    _directories()
    _replies()
    _clients()
    account = _accounts(smtp)
    for queue_id in db.session.scalars(db.select(Queue.id).order_by(Queue.id)):
        journal.record("queue.changed", f"queue:{queue_id}", by="system")
    _letters(account)


def _accounts(smtp: dict[str, Any]) -> ChannelAccount:
    founding.create(name="Чат магазина", code=CHAT, looks=LOOKS, by="system")
    return accounts.create_email(name="Магазин", code="shop", address=MAILBOX, config={"smtp": smtp}, by="system")


def send_through(smtp: dict[str, Any]) -> None:
    """Let the demo mailbox send through another server."""
    account = accounts.find_email(MAILBOX)
    if account is not None:
        account.config = {**account.config, "smtp": smtp}


def _queues(groups: dict[str, OperatorGroup]) -> None:
    db.session.add_all(
        Queue(
            code=code,
            name=name,
            weight=weight,
            target=dt.timedelta(minutes=minutes),
            is_default=code == "general",
            groups=[groups[group] for group in serving],
            signature="Интернет-магазин «Линд»",
        )
        for code, (name, weight, minutes, serving) in QUEUES.items()
    )


def _directories() -> None:
    for name, leaves in TOPICS.items():
        branch = Topic(name=name)
        db.session.add_all([branch, *(Topic(name=leaf, parent=branch) for leaf in leaves)])
    db.session.add_all(StatusReason(name=name, icon=icon) for name, icon in REASONS.items())
    db.session.add_all(Resolution(code=code, name=name, kind=kind) for code, (name, kind) in RESOLUTIONS.items())


def _replies() -> None:
    queues = {queue.code: queue.id for queue in db.session.scalars(db.select(Queue))}
    for (catalogue, queue), kept in REPLIES.items():
        place = catalogues.create(Place(catalogue, None, queues[queue] if queue else None), by="system")
        for name, text, tags in kept:
            templates.create(Wanted(name, text, tags, place), by="system")
    for event, (name, text) in AUTO_REPLIES.items():
        channel = "webchat" if event is Event.ACCEPTED else ""
        waits = AUTO_WAITS.get(event, {})
        wanted = auto_replies.Wanted(name, event.value, text, channel=channel, is_active=False, **waits)
        auto_replies.create(wanted, by="system")


def _clients() -> None:
    for name, mail, segment in CLIENTS:
        client = Client(name=name, segment=segment)
        client.addresses.append(Address(type="email", value=mail, normalised=normalise("email", mail), display=name))
        db.session.add(client)


def _letters(account: ChannelAccount) -> None:
    for number, (name, mail, subject, words) in enumerate(LETTERS, start=1):
        letter = EmailMessage()
        letter["From"] = f"{name} <{mail}>"
        letter["To"] = MAILBOX
        letter["Subject"] = subject
        letter["Message-ID"] = f"<demo.{number}@primer.example>"
        letter.set_content(words)
        receiving.receive(account, f"<demo.{number}@primer.example>", letter.as_bytes(), {"mail_from": mail})
