"""Templates mean what Jinja means: what people wrote is escaped, a name that is missing is a mistake."""

import pytest
from flask import Flask, render_template_string
from jinja2 import UndefinedError
from markupsafe import Markup

from cec.platform import i18n
from cec.web import small

EVIL = '<script>alert("1")</script>'


@pytest.mark.parametrize(
    ("template", "drawn"),
    [
        ("{{ value }}", "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"),
        ("{% macro say(x) %}<b>{{ x }}</b>{% endmacro %}{{ '&lt;' in say(value) }}", "True"),
        ("{% macro say(x) %}<b>{{ x }}</b>{% endmacro %}{{ say('a<b') }}", "<b>a&lt;b</b>"),
        ("{% macro say(x) %}<b>{{ x }}</b>{% endmacro %}{{ say(x='a<b') }}", "<b>a&lt;b</b>"),
        ("{{ marked }} {{ 7 }} {{ none }} {{ 1.5 }} {{ true }}", "<i>x</i> 7 None 1.5 True"),
        ("[{{ 'x' if false }}]", "[]"),
        ("[{{ 'x' if true }}]", "[x]"),
        ("{{ _('Appeal %(number)s', number='<b>') }}", "Обращение &lt;b&gt;"),
        ("{{ ngettext('%(num)d unread', '%(num)d unread', 3) }}", "3 непрочитанных"),
        ("{{ small.icon(value) }}", '<svg class="i" aria-hidden="true"><use href="#i-{}"></use></svg>'),
    ],
)
def test_what_a_template_says_means_what_jinja_would_say(app: Flask, template: str, drawn: str) -> None:
    with app.test_request_context(), i18n.reader("ru", "Europe/Moscow"):
        said = render_template_string(template, value=EVIL, marked=Markup("<i>x</i>"))
    assert said == drawn.replace("{}", "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;")


def test_a_name_that_a_template_lacks_is_a_mistake(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(UndefinedError):
        render_template_string("{{ nobody_gave_this }}")


def test_a_text_that_is_said_once_is_said_in_the_language_of_the_next_reader(app: Flask) -> None:
    with app.test_request_context():
        for language, word in (("ru", "Почта"), ("en", "Mail"), ("ru", "Почта")):
            with i18n.reader(language, "Europe/Moscow"):
                assert f'title="{word}"' in small.channel("email")
                assert render_template_string("{{ _('Mail') }}") == word


def test_a_channel_nobody_knows_cannot_break_out_of_its_mark(app: Flask) -> None:
    with app.test_request_context():
        assert "<script>" not in small.channel(EVIL, EVIL) + small.status("closed", size=EVIL) + small.counter(1, EVIL)
