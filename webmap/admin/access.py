"""Who a request is from: sessions, the token of ``--edit``, and the marks that forms carry."""

from __future__ import annotations

import getpass
import hashlib
import hmac
import logging
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from geo.errors import PlanmapError
from webmap.admin import attempts, passwords
from webmap.admin.store import PUBLISHER, ROLES, Store, folded
from webmap.serving.settings import Settings

LOG = logging.getLogger("planmap.web")

PEOPLE = ".planmap-people.sqlite"
"""The file, beside the editions."""
IDLE_S, LONGEST_S = 12 * 3600.0, 7 * 24 * 3600.0
"""A session ends when nothing was asked for so long, and in any case after so long."""
SEEN_S = 300.0
"""A session is written down as used no more often."""
MOST_SESSIONS = 50
"""Sessions of one person; the oldest ends when there are more."""
READ, EDIT, PUBLISH = range(3)
"""What may be done, each with all before it."""
_LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.IGNORECASE)


@dataclass(frozen=True)
class Who:
    """Somebody who is signed in.

    Attributes:
        name: As people read it.
        role: One of ``ROLES``.
        local: Whether it is the machine's own user, by the token of ``--edit``.
        secret: Of the session: what its forms are marked with.
        token: Of the session, as the cookie has it.
    """

    name: str
    role: str
    local: bool
    secret: bytes
    token: str

    def may(self, what: int) -> bool:
        """Whether the role allows something."""
        return ROLES.index(self.role) >= what

    @property
    def mark(self) -> str:
        """What every form of this session carries, and no other site can know."""
        return hmac.new(self.secret, b"form", hashlib.sha256).hexdigest()


def people_path(settings: Settings) -> Path:
    """Where the people of a server are."""
    if settings.people is not None:
        return settings.people
    edition = settings.edition
    if edition is None:
        return settings.data_dir / "editions" / PEOPLE
    return (edition if edition.is_dir() else edition.parent) / PEOPLE


class Access:
    """People, sessions and rights of one server.

    Args:
        settings: The server's.
        folder: A private folder that ends with the server.

    Attributes:
        people: Who can sign in.
        local: Sessions of the machine's own user; None without ``--edit``.
        key: What marks forms of those who are not signed in yet; the same in all workers.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.people = Store(people_path(settings))
        self.local = Store(folder / "local.sqlite") if settings.edit else None
        self.key = secrets.token_bytes(32)
        # Cookies do not know of ports, and several servers may run on one machine.
        self.cookie = f"planmap_{settings.port}"
        self.guest_cookie = f"{self.cookie}_guest"

    @property
    def closed(self) -> bool:
        """Whether only those who are signed in may read."""
        return self.settings.reading == "closed"

    @property
    def nobody(self) -> bool:
        """Whether there is nobody who could sign in."""
        return not self.people.rows("SELECT 1 FROM person WHERE NOT disabled LIMIT 1")

    def mint(self) -> str:
        """A token that makes one session of the machine's own user.

        Raises:
            RuntimeError: Without ``--edit``: a fault of the program.
        """
        if self.local is None:
            raise RuntimeError("no --edit")
        token = secrets.token_urlsafe(32)
        with self.local.writing() as database:
            database.execute("INSERT INTO once VALUES (?)", (_digest(token),))
        return token

    def by_token(self, token: str) -> Who | None:
        """The session of a token of ``--edit``; None when it is none, or was used before."""
        if self.local is None or not token:
            return None
        with self.local.writing() as database:
            used = database.execute("DELETE FROM once WHERE digest = ?", (_digest(token),)).rowcount
        return self._begin(self.local, _machine_user()) if used else None

    def by_password(self, name: str, password: str, address: str) -> tuple[Who | None, float]:
        """The session of a name and its password.

        Args:
            name: As it was typed.
            password: Likewise.
            address: Where the request came from.

        Returns:
            The session, or None; and the seconds to wait before the next attempt is looked at.

        Raises:
            BusyError: Too many passwords are being looked at.
        """
        keys = attempts.keys_of(name, address)
        wait, locks = attempts.begin(self.people, keys, time.time())
        if wait > 0:
            return None, wait
        person = self.people.find(name)
        # A disabled name and one that nobody has take as long as a wrong password.
        right = passwords.verified(person.hash if person else None, password)
        if person is None or not right or person.disabled:
            if locks or person is not None:
                self.note(person.name if person else "", "locked" if locks else "failed", "", address)
            return None, 0.0
        attempts.succeeded(self.people, keys)
        if passwords.outdated(person.hash):
            digest = passwords.HASHER.hash(password)
            with self.people.writing() as database:
                database.execute("UPDATE person SET hash = ? WHERE folded = ?", (digest, folded(person.name)))
        self.note(person.name, "signed_in", "", address)
        return self._begin(self.people, folded(person.name)), 0.0

    def _begin(self, store: Store, key: str) -> Who:
        """A new session; no token that a browser brought is ever taken over."""
        token, now = secrets.token_urlsafe(32), time.time()
        with store.writing() as database:
            database.execute("DELETE FROM session WHERE seen < ? OR made < ?", (now - IDLE_S, now - LONGEST_S))
            database.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?)", (_digest(token), key, secrets.token_bytes(32), now, now)
            )
            oldest = "SELECT digest FROM session WHERE folded = ? ORDER BY made DESC LIMIT -1 OFFSET ?"
            database.execute(f"DELETE FROM session WHERE digest IN ({oldest})", (key, MOST_SESSIONS))  # noqa: S608
        found = self.who(token)
        assert found is not None  # noqa: S101 (it was just written)
        return found

    def who(self, token: str) -> Who | None:
        """Who a session's token is of; None when it has ended, was never there, or its person is disabled."""
        if not token or len(token) > 100:
            return None
        now, digest = time.time(), _digest(token)
        fresh = (digest, now - IDLE_S, now - LONGEST_S)
        if self.local is not None:
            sql = "SELECT folded, secret, seen FROM session WHERE digest = ? AND seen >= ? AND made >= ?"
            for name, secret, seen in self.local.rows(sql, *fresh):
                self._used(self.local, digest, seen, now)
                return Who(name, PUBLISHER, True, secret, token)
        sql = (
            "SELECT person.name, role, secret, seen FROM session JOIN person USING (folded)"
            " WHERE digest = ? AND seen >= ? AND made >= ? AND NOT disabled"
        )
        for name, role, secret, seen in self.people.rows(sql, *fresh):
            self._used(self.people, digest, seen, now)
            return Who(name, role, False, secret, token)
        return None

    def _used(self, store: Store, digest: bytes, seen: float, now: float) -> None:
        if now - seen > SEEN_S:
            with store.writing() as database:
                database.execute("UPDATE session SET seen = ? WHERE digest = ?", (now, digest))

    def end(self, who: Who) -> None:
        """End a session."""
        store = self.local if who.local and self.local is not None else self.people
        with store.writing() as database:
            database.execute("DELETE FROM session WHERE digest = ?", (_digest(who.token),))

    def new_password(self, who: Who, old: str, new: str, address: str) -> tuple[Who | None, float]:
        """Another password; every session of the person ends and a new one begins. As ``by_password``.

        Raises:
            WebError: ``people.weak_password``.
            BusyError: Too many passwords are being looked at.
        """
        keys = attempts.keys_of(who.name, address)
        wait, _ = attempts.begin(self.people, keys, time.time())
        if wait > 0:
            return None, wait
        if not passwords.verified(self.people.person(who.name).hash, old):
            return None, 0.0
        attempts.succeeded(self.people, keys)
        self.people.change(who.name, digest=passwords.hashed(new, who.name))
        self.note(who.name, "password", "", address)
        return self._begin(self.people, folded(who.name)), 0.0

    def note(self, who: str, action: str, detail: str = "", address: str = "") -> None:
        """Write down who did what; when that cannot be, in the server's log."""
        try:
            self.people.note(who, action, detail, address)
        except PlanmapError as error:
            LOG.error("%s %s %s: %s", who, action, detail, error.message("en"))

    # ---- marks of forms, before anybody is signed in

    def guest_mark(self, guest: str) -> str:
        """What the form for signing in carries; it belongs to the guest's cookie."""
        return hmac.new(self.key, guest.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def same_mark(self, who: Who | None, guest: str, given: str) -> bool:
        """Whether a form was made for this session, or for this guest."""
        wanted = who.mark if who else self.guest_mark(guest) if guest else ""
        return bool(wanted) and hmac.compare_digest(wanted.encode(), given.encode("utf-8", "surrogatepass"))


def is_loopback_host(host: str) -> bool:
    """Whether a Host header names this machine for itself: no name that somebody's name server could send here.

    Example:
        >>> is_loopback_host("127.0.0.1:8000"), is_loopback_host("evil.example:8000")
        (True, False)
    """
    return bool(_LOOPBACK.fullmatch(host))


def safe_next(given: str, root: str) -> str:
    """Where to go after signing in: a path of this server, else the first page for people who are signed in.

    Example:
        >>> safe_next("//evil.example", ""), safe_next("/list?q=a", "")
        ('/admin', '/list?q=a')
    """
    inside = given.startswith(f"{root}/") or given == root != ""
    plain = re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,2000}", given)
    return given if inside and plain and "/../" not in f"{given.partition('?')[0]}/" else f"{root}/admin"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _machine_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.geteuid())
