"""A template as it would stand in an answer to a sample appeal, drawn while it is typed (guide 5.3.2, 3.3.4)."""

import datetime as dt
from collections.abc import Collection

from flask import render_template, request

from cec.appeals import fetching, rating_links
from cec.platform import clock, durations, i18n, site
from cec.platform.errors import Invalid
from cec.platform.i18n import gettext as _
from cec.replies import auto_replies, filling_in
from cec.staff.models import Employee


def sample(author: Employee) -> dict[str, str]:
    """Tell what placeholders stand for in the sample."""
    now = clock.now()
    return {
        "client.first_name": _("Olga"),
        "operator.first_name": author.first_name,
        "appeal.number": f"{now:%Y}-000123",
        "appeal.subject": _("Order 81-5206"),
        "date": i18n.long_day(now),
        auto_replies.POSITION: "4",
        auto_replies.WAIT: durations.about(dt.timedelta(minutes=15)),
        auto_replies.END: i18n.exact(now + dt.timedelta(hours=2)),
        auto_replies.LINK: site.address() + rating_links.PATH + rating_links.EXAMPLE,
        auto_replies.FILES: "{}: {}".format(_("receipt.pdf"), _(fetching.TOO_LARGE)),
    }


def preview(author: Employee, known: Collection[str] = filling_in.PLACEHOLDERS) -> str:
    """Draw what is typed, filled in, or what is wrong with it; only these placeholders may stand in it."""
    text = request.form.get("text", "")
    try:
        filled, wrong = filling_in.fill(text, sample(author), known), ""
    except Invalid as refusal:
        filled, wrong = filling_in.Filled([(text, False)]), refusal.sentence()
    return render_template("parts/reply_preview.html", filled=filled, wrong=wrong)
