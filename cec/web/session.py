"""Who is asking: the session behind the cookie of a request."""

from flask import Response, current_app, request

from cec.platform.errors import Refusal
from cec.staff import signing_in
from cec.staff.models import Employee, Session
from cec.staff.readers import Reader

_READER, _SESSION = "cec.reader", "cec.session"
LANGUAGE = "cec_language"


class NobodyAsks(Refusal):
    """Nobody is signed in here."""


def _is_secure() -> bool:
    return bool(current_app.config["CEC"].secure_cookies)


def _cookie() -> str:
    # Browsers give a cookie with this prefix only back to the host that set it, over TLS.
    return "__Host-cec_session" if _is_secure() else "cec_session"


def find_reader() -> Reader | None:
    """Tell who asks, if he is signed in; looked up once per request."""
    # Kept with the request, not in flask.g: that belongs to the application context and may outlive the request.
    if _READER not in request.environ:
        # Asked once, also in vain: the page that says that the database is away knows nobody.
        request.environ[_READER] = None
        request.environ[_READER] = signing_in.find(token()) if token() else None
    found: Reader | None = request.environ[_READER]
    return found


def find_session() -> Session | None:
    """Give the living session of this request as the row it is, if there is one; read once per request."""
    if _SESSION not in request.environ:
        reader = find_reader()
        request.environ[_SESSION] = signing_in.get(reader) if reader else None
    found: Session | None = request.environ[_SESSION]
    return found


def token() -> str:
    """Give the secret that this window holds, of whatever session."""
    return request.cookies.get(_cookie()) or ""


def was_taken_over() -> bool:
    """Tell whether this window's session went on in another window."""
    return bool(token()) and signing_in.was_taken_over(token())


def forget_reader() -> None:
    """Draw what follows for nobody: after a rollback what is known of a person would be asked of the database again."""
    request.environ[_READER] = request.environ[_SESSION] = None


def current_reader() -> Reader:
    """Tell who asks; the route's guard has seen to it that there is somebody. Enough to draw what is his."""
    reader = find_reader()
    if reader is None:
        raise NobodyAsks
    return reader


def current_session() -> Session:
    """Give the session of the person who asks; the route's guard has seen to it that there is one."""
    session = find_session()
    if session is None:
        raise NobodyAsks
    return session


def current_employee() -> Employee:
    """Give the person who asks."""
    return current_session().employee


def remember(response: Response, token: str, language: str) -> None:
    """Give the browser the secret of a session, out of reach of scripts and of other sites."""
    response.set_cookie(_cookie(), token, httponly=True, samesite="Lax", secure=_is_secure(), path="/")
    remember_language(response, language)


def remember_language(response: Response, language: str) -> None:
    """Let the sign-in page speak the language of the last person."""
    response.set_cookie(LANGUAGE, language, httponly=True, samesite="Lax", secure=_is_secure(), max_age=365 * 86400)


def forget(response: Response) -> None:
    """Take the secret back."""
    response.delete_cookie(_cookie(), httponly=True, samesite="Lax", secure=_is_secure(), path="/")
