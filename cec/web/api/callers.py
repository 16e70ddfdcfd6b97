"""Which program asks: its key, what the key opens, how often it may ask."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import request

from cec.channels.models import ChannelAccount
from cec.integrations import keys, limiting
from cec.integrations.models import ApiKey, Scope
from cec.web.guards import allow

P = ParamSpec("P")
R = TypeVar("R")
_KEY = "cec.api_key"


def needs(scope: Scope) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let in programs whose key opens this, not too often."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            let_in(scope)
            return view(*args, **kwargs)

        guarded = allow.programs(asked)
        guarded.scope = scope  # type: ignore[attr-defined]
        return guarded

    return guard


def let_in(scope: Scope) -> ApiKey:
    """Let a program in by its key.

    :raises NoKey, WrongKey, TooFast, MissingScope: in this order.
    """
    key = keys.find(request.headers.get("Authorization", ""))
    limiting.count(key.id)
    keys.must_open(key, scope)
    request.environ[_KEY] = key
    return key


def current_key() -> ApiKey:
    """Give the key of the program that asks; the route's guard has seen to it that there is one."""
    key: ApiKey = request.environ[_KEY]
    return key


def only_account() -> int | None:
    """Give the channel account that is all the asking program may see; none: it may see all."""
    return current_key().channel_account_id


def must_be_for(account: ChannelAccount) -> None:
    """Refuse a channel for which the key is not.

    :raises OtherChannel: when it is for another one.
    """
    if only_account() not in {None, account.id}:
        raise keys.OtherChannel
