"""Clients are asked for a mark some time after the closing (guide 5.6, 3.8.2): once, if somebody answered them."""

from cec.appeals import acting, auto_answering, rating_links
from cec.appeals.auto_answering import Occasion
from cec.appeals.models import Appeal, Direction
from cec.platform import clock, journal
from cec.replies import auto_replies
from cec.replies.auto_replies import Event


@journal.on("appeal.closed")
def _closed(entry: journal.Entry) -> None:
    """Ask once the closing cannot be taken back any more."""
    appeal = auto_answering.appeal_of(entry)
    if _is_to_be_asked(appeal):
        auto_answering.respond(appeal, [Event.RATING], least=acting.UNDO_CLOSING)


def _is_to_be_asked(appeal: Appeal) -> bool:
    """Tell whether a client began the appeal, an operator answered it, and it has no mark."""
    is_served = appeal.direction == Direction.IN and appeal.first_reply_at is not None
    return is_served and appeal.mark is None and not auto_answering.is_closed_as_spam(appeal)


@auto_answering.only_if(Event.RATING)
def _is_still_to_be_asked(occasion: Occasion) -> bool:
    """Tell whether it is still so; what was opened and closed again since is asked about later."""
    appeal, wait = occasion.appeal, max(occasion.reply.delay, acting.UNDO_CLOSING)
    return _is_to_be_asked(appeal) and appeal.closed_at is not None and appeal.closed_at + wait <= clock.now()


@auto_answering.tells(auto_replies.LINK)
def say_link(occasion: Occasion) -> str:
    """Give the address of the page on which this client gives his mark."""
    return rating_links.make(occasion.appeal)
