"""Real mail servers of the other side, on loopback and in a folder of their own: Dovecot keeps, OpenSMTPD carries.

Everybody's password is `secret`, mailboxes come to be when mail does. What OpenSMTPD takes it hands to Dovecot by LMTP,
so that a letter that went out can be read where its recipient reads it. Both are found on the path and in /usr/sbin.
"""

import contextlib
import datetime as dt
import email
import email.policy
import grp
import imaplib
import ipaddress
import mailbox as files
import os
import pwd
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "secret"
HOST = "127.0.0.1"
PATIENCE = 60.0
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
DOVECOT = shutil.which("dovecot", path=_PATH)
OPENSMTPD = shutil.which("smtpd", path=_PATH)
# The choice of `make test PEERS=off`; without it a missing server is a failure and nothing is left out in silence.
LEFT_OUT = os.environ.get("PEERS") == "off"
MISSING = "is missing: .ci/peers installs it; PEERS=off leaves it out by choice"

DOVECOT_CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{base}/mail/%n
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_max_userip_connections = 50
auth_mechanisms = plain login xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {base}/oauth2.conf
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%n allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
  }}
}}
service lmtp {{
  chroot =
  user = {user}
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

OPENSMTPD_CONFIG = """
table passwd file:{base}/passwd
table everybody {{ "@" = "{user}" }}
pki here cert "{base}/cert.pem"
pki here key "{base}/key.pem"
listen on 127.0.0.1 port {plain}
listen on 127.0.0.1 port {starttls} tls-require pki here auth <passwd>
listen on 127.0.0.1 port {tls} smtps pki here auth <passwd>
action "box" lmtp "127.0.0.1:{lmtp}" rcpt-to virtual <everybody>
match from any for rcpt-to regex "^gone" reject
match from any for any action "box"
"""


def free_ports(count: int) -> list[int]:
    """Choose ports that nobody has."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def certify(folder: Path) -> Path:
    """Make an authority of our own and a certificate for loopback; gives the authority's file, for SSL_CERT_FILE."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
    me = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))]
    root = (
        _certificate(authority, authority, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    leaf = (
        _certificate(me, authority, key)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(root.public_bytes(pem))
    (folder / "cert.pem").write_bytes(leaf.public_bytes(pem))
    hidden = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, hidden))
    (folder / "key.pem").chmod(0o600)
    return folder / "authority.pem"


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 - the other side's clock is the real one
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
    )


@contextlib.contextmanager
def dovecot() -> Iterator["Dovecot"]:
    """Run a Dovecot in a folder of its own; not below pytest's, which is closed to Dovecot's user."""
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        base = Path(folder)
        base.chmod(0o755)
        with Dovecot(base) as server:
            yield server


@contextlib.contextmanager
def opensmtpd(keeps: "Dovecot") -> Iterator["OpenSmtpd"]:
    """Run an OpenSMTPD that hands its mail to a Dovecot."""
    with tempfile.TemporaryDirectory(prefix="opensmtpd-") as folder:
        base = Path(folder)
        base.chmod(0o755)
        with OpenSmtpd(base, keeps) as server:
            yield server


class Dovecot:
    """Keeps mail: one maildir per name, read by IMAP (with and without TLS), filled by LMTP or by hand."""

    def __init__(self, base: Path) -> None:
        self.base = base
        (base / "mail").mkdir()
        self.authority = certify(base)
        self.port, self.tls_port, self.lmtp_port, self.pop3_port, self.pop3s_port = free_ports(5)
        # Where it asks whose an access token is: the provider of a test.
        (self.tokens_port,) = free_ports(1)
        # Dovecot does not read mail as root.
        self.person = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.server: subprocess.Popen[bytes] | None = None
        config = DOVECOT_CONFIG.format(
            base=base,
            imap=self.port,
            imaps=self.tls_port,
            pop3=self.pop3_port,
            pop3s=self.pop3s_port,
            lmtp=self.lmtp_port,
            user=self.person.pw_name,
            group=grp.getgrgid(self.person.pw_gid).gr_name,
            uid=self.person.pw_uid,
            gid=self.person.pw_gid,
        )
        (base / "dovecot.conf").write_text(config)
        about = f"http://{HOST}:{self.tokens_port}/about?access_token="
        (base / "oauth2.conf").write_text(
            f"tokeninfo_url = {about}\nusername_attribute = email\nusername_format = %u\n"
        )
        self.hand_over(base / "mail")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to serve."""
        assert DOVECOT, f"dovecot {MISSING}"
        command = [DOVECOT, "-F", "-c", str(self.base / "dovecot.conf")]
        self.server = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own words
        await_port(self.port, (self.base / "log").read_text)

    def stop(self) -> None:
        """Serve no more; what is kept stays."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(PATIENCE)
            self.server = None

    def die(self) -> None:
        """Die at once with all conversations, as in a power cut."""
        assert self.server is not None
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait(PATIENCE)
        self.server = None
        (self.base / "run" / "master.pid").unlink(missing_ok=True)

    def box(self, name: str) -> files.Maildir:
        """Give somebody's maildir."""
        return files.Maildir(self.base / "mail" / name, factory=None)

    def put(self, name: str, letter: EmailMessage | bytes, *, seen: bool = False, flags: str = "") -> None:
        """Lay a letter into a mailbox."""
        message = files.MaildirMessage(letter)
        if seen or flags:
            message.set_subdir("cur")
            message.set_flags(flags or "S")
        self.box(name).add(message)
        self.hand_over(self.base / "mail" / name)

    def hand_over(self, folder: Path) -> None:
        """Let Dovecot's user own a folder."""
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self.person.pw_uid, self.person.pw_gid)

    def renumber(self, name: str) -> None:
        """Forget the numbers of a mailbox, as servers do that were restored or moved."""
        for path in (self.base / "mail" / name).glob("dovecot*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)

    def seen(self, name: str) -> int:
        """Count what is marked as seen."""
        return sum("S" in message.get_flags() for message in self.box(name))

    def letters(self, name: str) -> list[EmailMessage]:
        """Read somebody's letters as his mail program does: by IMAP."""
        with imaplib.IMAP4(HOST, self.port, timeout=PATIENCE) as reader:
            reader.login(name, PASSWORD)
            reader.select(readonly=True)
            numbers = reader.search(None, "ALL")[1][0].split()
            raw = [reader.fetch(number.decode(), "(BODY.PEEK[])")[1][0] for number in numbers]
        read = [email.message_from_bytes(piece[1], policy=email.policy.default) for piece in raw if piece]
        return [letter for letter in read if isinstance(letter, EmailMessage)]

    def await_letter(self, name: str, words: str = "") -> EmailMessage:
        """Wait until somebody can read a letter with these words."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for letter in self.letters(name):
                body = letter.get_body(("plain",))
                if words in (body.get_content() if body else ""):
                    return letter
            time.sleep(0.1)
        raise AssertionError(f"{name} has no letter that says {words!r}: {(self.base / 'log').read_text()}")


class OpenSmtpd:
    """Carries mail: takes it with TLS and authentication, hands it to Dovecot; whose name begins with gone is unknown.

    It runs as root only. The one of Debian 12 cannot use its own key with OpenSSL 3; then a front of ours does TLS and
    authentication and everything else stays with it.
    """

    def __init__(self, base: Path, dovecot: Dovecot) -> None:
        self.base, self.dovecot = base, dovecot
        for name in ("cert.pem", "key.pem"):
            shutil.copy(dovecot.base / name, base / name)
        self.authority = dovecot.authority
        self.plain, self.starttls, self.tls = free_ports(3)
        (base / "passwd").write_text(f"shop {_encrypted(PASSWORD)}\n")
        config = OPENSMTPD_CONFIG.format(
            base=base,
            plain=self.plain,
            starttls=self.starttls,
            tls=self.tls,
            lmtp=dovecot.lmtp_port,
            user=dovecot.person.pw_name,
        )
        (base / "smtpd.conf").write_text(config)
        self.server: subprocess.Popen[bytes] | None = None
        self.fronts: list[Controller] = []

    def __enter__(self) -> Self:
        assert OPENSMTPD, f"opensmtpd {MISSING}"
        run = [OPENSMTPD, "-d", "-f", str(self.base / "smtpd.conf")]
        unshare = shutil.which("unshare")
        if unshare and subprocess.run([unshare, "-m", "true"], capture_output=True, check=False).returncode == 0:  # noqa: S603
            # Its queue and its control socket have fixed places: a view of our own of them disturbs nobody.
            Path("/var/spool/smtpd").mkdir(parents=True, exist_ok=True)
            hide = "mount -t tmpfs -o mode=711 none /var/spool/smtpd && mount -t tmpfs none /run"
            run = [unshare, "-m", "sh", "-c", f'{hide} && exec "$@"', "sh", *run]
        with (self.base / "log").open("wb") as log:
            self.server = subprocess.Popen(run, stdout=log, stderr=log)  # noqa: S603 - our own words
        await_port(self.plain, (self.base / "log").read_text)
        if not self._can_tls():
            self.starttls, self.tls = self._front(implicit=False), self._front(implicit=True)
        return self

    def __exit__(self, *_: object) -> None:
        for front in self.fronts:
            front.stop()
        if self.server is not None:
            self.server.terminate()
            self.server.wait(PATIENCE)

    def account(self, tls: str) -> dict[str, object]:
        """Tell a mailbox how to send through it."""
        port = {"tls": self.tls, "starttls": self.starttls, "none": self.plain}[tls]
        return {"host": "localhost", "port": port, "tls": tls, "user": "" if tls == "none" else "shop"}

    def _can_tls(self) -> bool:
        context = ssl.create_default_context(cafile=str(self.authority))
        try:
            smtplib.SMTP_SSL(HOST, self.tls, timeout=PATIENCE, context=context).close()
        except ssl.SSLError:
            return False
        return True

    def _front(self, *, implicit: bool) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.base / "cert.pem", self.base / "key.pem")
        (port,) = free_ports(1)
        options = {"ssl_context": context} if implicit else {"tls_context": context, "require_starttls": True}
        front = Controller(
            _Front(self.plain),
            hostname=HOST,
            port=port,
            authenticator=_known,
            # Inside TLS already, which aiosmtpd does not know.
            auth_require_tls=not implicit,
            **options,
        )
        front.start()
        self.fronts.append(front)
        return port


class _Front:
    """Hands over to OpenSMTPD, recipient by recipient, what came through TLS."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name and arguments
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        with smtplib.SMTP(HOST, self.port, timeout=PATIENCE) as asked:
            asked.ehlo()
            asked.mail(envelope.mail_from or "")
            code, words = asked.rcpt(address)
        if code == 250:
            envelope.rcpt_tos.append(address)
        return f"{code} {words.decode()}"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        with smtplib.SMTP(HOST, self.port, timeout=PATIENCE) as onward:
            onward.sendmail(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        return "250 taken"


def _known(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, who: LoginPassword) -> AuthResult:
    is_known = (who.login, who.password) == (b"shop", PASSWORD.encode())
    return AuthResult(success=is_known, handled=is_known)


def _encrypted(password: str) -> str:
    openssl = shutil.which("openssl")
    assert openssl, f"openssl {MISSING}"
    command = [openssl, "passwd", "-6", password]
    told = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603 - our own words
    return told.stdout.strip()


def await_port(port: int, log: Callable[[], str]) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log())
