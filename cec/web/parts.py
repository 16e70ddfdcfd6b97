"""Words, icons and colours of the small parts of a page: status, channel, priority, deadline, presence, delivery."""

import datetime as dt
from dataclasses import dataclass

from cec.appeals import lifecycle
from cec.appeals.models import MessageState, Status
from cec.appeals.reading import Said
from cec.distribution.standing import Reason
from cec.platform import clock
from cec.platform.i18n import day, gettext, mark, time
from cec.staff import presence as presences
from cec.staff.models import Presence, StatusReason
from cec.web.filters import duration

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
# Share of the time used up from which a deadline is amber.
SOON = 0.75


# What people send to each other most, in eight columns.
EMOJI = (
    "😀 😊 🙂 😉 😍 🤗 🤔 😐 😕 😟 😢 😭 😡 😱 😅 😂 👍 👎 👌 🙏 👏 🤝 💪 ✌️ 👋 👀 ❤️ 💙 💚 🎉 🎁 🌹 "
    "☀️ ⭐ ✨ 🔥 ✅ ❌ ❗ ❓ ⚠️ ℹ️ 📞 📧 📎 📄 📦 🚚 🏠 🛒 💳 💰 ⏰ 📅 🔧 🔒 ➡️ ⬅️ 🐞 🚀 🌧️ 🍀 ☕ 🎂"
)


@dataclass(frozen=True)
class Look:
    """How something is shown: never by colour alone."""

    word: str
    colour: str
    icon: str


_STATUSES = {
    Status.NEW: ("blue", "mail-plus"),
    Status.QUEUED: ("", "stack-2"),
    Status.OFFERED: ("violet", "bell-ringing"),
    Status.IN_WORK: ("accent", "player-play"),
    Status.WAITING: ("teal", "hourglass"),
    Status.POSTPONED: ("violet", "clock-pause"),
    Status.CLOSED: ("line", "circle-check"),
    Status.SPAM: ("line", "ban"),
    Status.BLOCKED: ("line", "lock"),
}


def status(value: str) -> Look:
    """Show a status of an appeal."""
    return Look(gettext(lifecycle.NAMES[Status(value)]), *_STATUSES[Status(value)])


_CHANNELS = {
    "email": (mark("Mail"), "mail", "mail"),
    "api": (mark("API"), "", "link"),
    "webchat": (mark("Chat"), "telegram", "message-circle"),
}


def channels() -> list[tuple[str, str]]:
    """List the channels with their words."""
    return [(value, gettext(word)) for value, (word, _colour, _icon) in _CHANNELS.items()]


def channel(value: str) -> Look:
    """Show a channel."""
    word, colour, icon = _CHANNELS.get(value, (value, "", "world"))
    return Look(gettext(word), colour, icon)


_PRESENCES = {
    Presence.ACTIVE: ("", "player-play"),
    Presence.NOT_ACCEPTING: ("paused", "player-pause"),
    Presence.BREAK: ("break", "coffee"),
    Presence.IDLE: ("paused", "hourglass"),
    Presence.NO_LINK: ("lost", "plug-connected-x"),
    Presence.OFFLINE: ("lost", "logout"),
}


def presence(value: str, reason: Reason | StatusReason | None = None) -> Look:
    """Show a status of an operator; a break by its reason, if it has one."""
    colour, icon = _PRESENCES[Presence(value)]
    return Look(reason.name, colour, reason.icon) if reason else Look(presences.name(value), colour, icon)


_BANDS = ((20, 4, mark("Urgent")), (10, 3, mark("High")), (0, 2, mark("Normal")))


def priority(points: int) -> tuple[int, str]:
    """Give level (1 to 4) and word of a priority: twenty points are worth a whole target of the queue."""
    for least, level, word in _BANDS:
        if points >= least:
            return level, gettext(word)
    return 1, gettext("Low")


_STATES = {
    MessageState.QUEUED: (mark("Queued"), "", "clock"),
    MessageState.SENDING: (mark("Sending…"), "", "clock"),
    MessageState.SENT: (mark("Sent"), "", "check"),
    MessageState.DELIVERED: (mark("Delivered"), "", "checks"),
    MessageState.READ: (mark("Read"), "accent", "checks"),
    MessageState.FAILED: (mark("Not delivered"), "bad", "alert-octagon"),
    MessageState.UNKNOWN: (mark("Nobody knows if it arrived"), "warn", "alert-triangle"),
}


def delivery(message: Said) -> Look | None:
    """Show where an outgoing message is on its way."""
    look = _STATES.get(MessageState(message.state))
    if look is None:
        return None
    word, colour, icon = look
    if message.state == MessageState.QUEUED and message.error and message.due_at:
        when = gettext("It is tried again at {time}.").format(time=time(message.due_at))
        return Look(f"{gettext(message.error)} {when}", "warn", "hourglass")
    reason = f": {gettext(message.error)}" if message.error and colour == "bad" else ""
    return Look(gettext(word) + reason, colour, icon)


@dataclass(frozen=True)
class Deadline:
    """How much of the time is left, in words; the bar is drawn by clocks.js, which lets it grow."""

    kind: str
    word: str


def deadline(due: dt.datetime, since: dt.datetime) -> Deadline:
    """Judge a deadline now: green, amber from three quarters, red when it is over."""
    now = clock.now()
    if now >= due:
        return Deadline("bad", "+" + duration(now - due))
    share = (now - since) / max(due - since, dt.timedelta(seconds=1))
    left = due - now
    word = duration(left) if left < DAY else day(due, now=now)
    return Deadline("warn" if share >= SOON else "ok", word)


def stopwatch(length: dt.timedelta) -> str:
    """Say a running time as h:mm:ss."""
    seconds = max(0, int(length.total_seconds()))
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def until(moment: dt.datetime) -> str:
    """Say when something comes back: “until 12:31” today, “until 24 Nov, 9:00” later."""
    now = clock.now()
    when = day(moment, now=now)
    return gettext("until {when}").format(when=when if when == time(moment) else f"{when}, {time(moment)}")


def back(moment: dt.datetime) -> str:
    """Say the same in few words: “until 12:31” today, “24 Nov, 9:00” later."""
    when = day(moment, now=clock.now())
    return until(moment) if when == time(moment) else f"{when}, {time(moment)}"


def ago(moment: dt.datetime) -> str:
    """Say how long ago something was: “just now”, “14 min”, “2 h”, then the day."""
    length = clock.now() - moment
    if length < dt.timedelta(minutes=1):
        return gettext("just now")
    if length < HOUR:
        return gettext("{n} min").format(n=int(length.total_seconds() // 60))
    if length < DAY:
        return gettext("{n} h").format(n=int(length.total_seconds() // 3600))
    return day(moment, now=clock.now())
