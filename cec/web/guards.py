"""Every route says who may use it: @allow(Right.X), @allow.signed_in or @allow.anyone."""

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import NoReturn, ParamSpec, TypeVar

from flask import current_app, request

from cec.platform.errors import NotAllowed
from cec.staff import employees, roles
from cec.staff.roles import Right
from cec.web import session

P = ParamSpec("P")
R = TypeVar("R")


class GoElsewhere(NotAllowed):
    """Something else comes first."""

    where = "/"


class SignInFirst(GoElsewhere):
    """Sign in first."""

    status = HTTPStatus.UNAUTHORIZED
    where = "/login"


class SetUpFirst(GoElsewhere):
    """This centre is empty: it needs an administrator first."""

    where = "/setup"


class TakenOver(GoElsewhere):
    """Your session is open in another window."""

    status = HTTPStatus.UNAUTHORIZED
    where = "/taken-over"


class ChangePasswordFirst(GoElsewhere):
    """Choose a password of your own first."""

    where = "/password"


class ChooseRoleFirst(GoElsewhere):
    """Choose a role first."""

    where = "/start"


# What a signed-in person can do before he has a password of his own, or a role.
_AT_THE_DOOR = {"/password", "/start", "/leaving"}


def _check_signed_in() -> None:
    reader = session.find_reader()
    if reader is None:
        _lead_in()
    if reader.must_change_password and request.path not in _AT_THE_DOOR:
        raise ChangePasswordFirst


def _lead_in() -> NoReturn:
    if not employees.is_anybody_here():
        raise SetUpFirst
    raise TakenOver if session.was_taken_over() else SignInFirst


def _check_rights(rights: tuple[Right, ...]) -> None:
    _check_signed_in()
    role = session.current_reader().role
    if role is None:
        raise ChooseRoleFirst
    if not roles.may(role, rights):
        raise NotAllowed


# The guard of routes that other programs call, and where such routes are.
PROGRAMS = "programs"
_PLACES = ("/api/", "/channels/")


# The guard of pages for clients.
CLIENTS = "clients"


def is_for_clients() -> bool:
    """Tell whether this page is for a client: he speaks the language of his browser, and nobody is signed in there."""
    return getattr(current_app.view_functions.get(request.endpoint or ""), "guard", None) == CLIENTS


def is_for_programs() -> bool:
    """Tell whether this request comes from a program: it has a key or a signature, and its answers are no pages."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "guard", None) == PROGRAMS or (view is None and request.path.startswith(_PLACES))


class _Allow:
    """The decorator; the wrapped view tells in `guard` what it asks for, so that a test can see it."""

    def __call__(self, *rights: Right) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Let in people whose role has at least one of these rights."""
        assert rights, "name a right"
        return lambda view: _guarded(view, frozenset(rights), lambda: _check_rights(rights))

    def signed_in(self, view: Callable[P, R]) -> Callable[P, R]:
        """Let in everybody who is signed in, in any role or none yet."""
        return _guarded(view, "signed_in", _check_signed_in)

    def anyone(self, view: Callable[P, R]) -> Callable[P, R]:
        """Let in everybody."""
        return _guarded(view, "anyone", lambda: None)

    def clients(self, view: Callable[P, R]) -> Callable[P, R]:
        """Let in clients of the centre, whom the address itself permits it; our cookie counts for nothing."""
        return _guarded(view, CLIENTS, lambda: None)

    def programs(self, view: Callable[P, R]) -> Callable[P, R]:
        """Let in programs of others: each proves by a signature or a key who it is, our cookie counts for nothing.

        Such a route reads bodies that are no forms, from wherever they come; what proves the caller, its view asks.
        """
        return _guarded(view, PROGRAMS, lambda: None)


def _guarded(view: Callable[P, R], guard: str | frozenset[Right], check: Callable[[], None]) -> Callable[P, R]:
    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        check()
        return view(*args, **kwargs)

    guarded.guard = guard  # type: ignore[attr-defined]
    return guarded


allow = _Allow()
