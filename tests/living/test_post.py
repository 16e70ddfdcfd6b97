"""Letters of the demo's clients are what the centre reads: answers with their quotation, bounces, pictures."""

import asyncio
import random
from email.message import EmailMessage

from cec.channels.email import parsing, quoting
from cec.living import photo
from cec.living.pace import Pace
from cec.living.post import Correspondent, Door, Post

CHANCE = random.Random(3)  # noqa: S311 - no secret


class Wall(Post):
    """A post office of which nothing leaves: what would, stays in its hand."""

    def __init__(self):
        super().__init__(Door("127.0.0.1", 1, "shop@demo.example"), Pace(haste=1000, chance=CHANCE))
        self.sent = []

    def _hand_over(self, letter, mail_from):
        self.sent.append((letter, mail_from))


def an_answer(to):
    answer = EmailMessage()
    answer["To"], answer["Message-ID"], answer["Subject"] = to, "<7.ours@demo.example>", "Re: Где заказ"
    answer.set_content("Здравствуйте! Курьер приедет завтра.")
    return answer


def test_a_client_hears_his_answer_and_writes_below_it():
    async def story():
        post = Wall()
        olga = Correspondent(post, "Ольга Нестерова", "O.Nesterova@primer.example", subject="Где заказ")
        await olga.say("Когда привезут?", picture=photo.of_a_crack(CHANCE))
        assert await olga.hear(0.01) is None

        post.deliver(an_answer("O.Nesterova@primer.example").as_bytes())
        assert "Курьер приедет завтра." in await olga.hear(1)
        await olga.say("Хорошо, спасибо!")

        await olga.leave()
        post.deliver(an_answer("o.nesterova@primer.example").as_bytes())
        return post

    post = asyncio.run(story())

    (first, _), (second, sender) = post.sent
    assert sender == "o.nesterova@primer.example"
    assert [part.get_content_type() for part in first.iter_attachments()] == ["image/png"]
    assert second["In-Reply-To"] == "<7.ours@demo.example>"
    assert second["Subject"] == "Re: Где заказ"
    assert quoting.fresh(second.get_content()).strip() == "Хорошо, спасибо!"


def test_an_answer_to_nobody_bounces_as_mail_systems_do_it():
    async def story():
        post = Wall()
        post.nowhere.add("gone@primer.example")
        post.deliver(an_answer("gone@primer.example").as_bytes())
        await asyncio.gather(*post._bounces)  # noqa: SLF001 - what is still on its way
        return post

    [(report, sender)] = asyncio.run(story()).sent

    assert sender == ""
    found = parsing.parse(report.as_bytes(), {"mail_from": ""})
    assert found.about == "<7.ours@demo.example>"
    [missed] = found.undelivered
    assert (missed.address, missed.is_final, missed.is_hard) == ("gone@primer.example", True, True)
