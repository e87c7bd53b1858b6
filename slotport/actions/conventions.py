"""Founding, finding and changing conventions (docs/api/convention-places.md, spec of the convention interface 3.4)."""

import re
import secrets
import string
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from slotport.core import convention_input as given
from slotport.core import when
from slotport.core.account import Account
from slotport.core.convention import Access, Convention, Role
from slotport.core.slugs import SLUG_LENGTH, TITLE_LENGTH, free_slug, is_number, slug_of
from slotport.errors import Forbidden, Invalid, NotFound
from slotport.storage import accounts, conventions
from slotport.storage.store import Store, Transaction

OWN = "self"  #: what an address says for the convention of the request's key, and no slug does
PUBLIC_KEY_LENGTH = 12
SECRET_BYTES = 32
WEBSITE_LENGTH = 2000
LINE_LENGTH = 1000  #: characters of series and location
_KEY_LETTERS = "".join(sorted(set(string.ascii_lowercase + string.digits) - set("il1o0")))
_MADE_PREFIX = "con"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def listed(store: Store, *, managed_by: Account | None = None) -> list[Convention]:
    """All conventions, or only those that the account manages, in order of id."""
    with store.read() as transaction:
        return conventions.list_all(transaction, managed_by=None if managed_by is None else managed_by.id)


def found(store: Store, account: Account, fields: dict[str, Any], *, now: datetime) -> Convention:
    """Make a convention whose first manager is the account; it gets a public key and a secret one.

    Raises Invalid for wrong fields, and for a title or slug that another convention has.
    """
    title = given.filled_text(fields.get("title"), "title", longest=TITLE_LENGTH)
    wanted = _given_slug(fields.get("slug"))
    draft = Convention(
        id=0,
        slug=wanted or _made_slug(title),
        title=title,
        settings={},
        public_key="".join(secrets.choice(_KEY_LETTERS) for _ in range(PUBLIC_KEY_LENGTH)),
        secret_key=secrets.token_urlsafe(SECRET_BYTES),
        created_at=now,
        updated_at=now,
        change=0,
        changed_at=now,
    )
    draft = _described(draft, fields)
    with store.write() as transaction:
        _ = transaction.change  # the first lock of all
        if not accounts.is_live(transaction, account.id):
            raise Forbidden("the account was closed meanwhile")
        _refuse_taken_title(transaction, title)
        taken = conventions.slugs_like(transaction, draft.slug)
        if wanted and wanted in taken:
            raise Invalid.of("slug", "is that of another convention")
        draft = structs.replace(draft, slug=free_slug(draft.slug, taken))
        return conventions.add(transaction, draft, account.id)


def change(store: Store, access: Access, fields: dict[str, Any], *, now: datetime) -> Convention:
    """Change what the fields name, ``settings`` as a whole; raises Invalid, Forbidden for all but managers."""
    with store.write() as transaction:
        before = locked(transaction, access)
        after = _described(before, fields)
        if fields.get("title") is not None:
            title = given.filled_text(fields["title"], "title", longest=TITLE_LENGTH)
            if title != before.title:
                _refuse_taken_title(transaction, title)
            after = structs.replace(after, title=title)
        if after == before:
            return before
        conventions.change(transaction, after, now)
        return structs.replace(after, updated_at=now, changed_at=now, change=transaction.change)


def locked(transaction: Transaction, access: Access) -> Convention:
    """The convention as it is now, which no other writer changes until this transaction ends.

    Raises Forbidden if the caller is not its manager by now.
    """
    _ = transaction.change  # makes all other writers wait
    convention = conventions.find(transaction, access.convention.id)
    if convention is None:
        raise NotFound("there is no such convention")
    if access.account is None or not conventions.is_manager(transaction, convention.id, access.account.id):
        raise Forbidden("only a manager of the convention may do this")
    return convention


def appoint(store: Store, slug: str, email: str, *, role: Role, now: datetime) -> tuple[Convention, Account, bool]:
    """Make the account a manager of the convention of that slug or id, as who runs the server; whether it was none.

    Raises NotFound if there is no such convention or account.
    """
    with store.write() as transaction:
        _ = transaction.change  # the first lock of all
        convention = conventions.find_named(transaction, slug)
        if convention is None:
            raise NotFound(f"there is no convention {slug}")
        known = accounts.find_by_email(transaction, email)
        if known is None:
            raise NotFound(f"there is no account {email}")
        is_new = not conventions.is_manager(transaction, convention.id, known.account.id)
        if is_new:
            conventions.add_manager(transaction, convention.id, known.account.id, role, now)
        return convention, known.account, is_new


def access_of(store: Store, slug: str, account: Account) -> Access:
    """What the account may in the convention of that slug or id; raises NotFound."""
    with store.read() as transaction:
        convention = conventions.find_named(transaction, slug)
        if convention is None:
            raise NotFound(f"there is no convention {slug}")
        is_manager = conventions.is_manager(transaction, convention.id, account.id)
    return Access(convention=convention, account=account, is_manager=is_manager)


def _described(convention: Convention, fields: dict[str, Any]) -> Convention:
    """The convention with what the fields say of it, its title aside; null and ``""`` clear."""
    values: dict[str, Any] = {}
    for name, longest in (("series", LINE_LENGTH), ("website", WEBSITE_LENGTH), ("location", LINE_LENGTH)):
        if name in fields:
            values[name] = (given.text(fields[name], name, longest=longest) or "").strip() or None
    if fields.get("settings") not in (None, ""):
        values["settings"] = _settings(fields["settings"])
    after = structs.replace(convention, **values)
    days = {name: _day(fields[name], after.zone, name) for name in ("start_date", "end_date") if name in fields}
    after = structs.replace(after, **days)
    if after.start_date is not None and after.end_date is not None and after.end_date < after.start_date:
        raise Invalid.of("end_date", "must not be before start_date")
    return after


def _settings(value: Any) -> dict[str, Any]:
    if value == []:  # some clients' empty object
        return {}
    if not isinstance(value, dict):
        raise Invalid.of("settings", "must be an object")
    zone = value.get("timezone")
    if zone is not None and zone != "":
        try:
            when.zone(given.text(zone, "settings.timezone", longest=100) or "")
        except ValueError as cause:
            raise Invalid.of("settings.timezone", f"cannot be used: {cause}") from cause
    given.json_value(value, "settings")
    return value


def _day(value: Any, zone: tzinfo, name: str) -> date | None:
    """The day that a date begins with as it is written, or that an instant falls on in the zone."""
    if value is None or value == "" or (isinstance(value, str) and _DAY.match(value.strip())):
        return given.day(value, name)
    instant = given.moment(value, zone, name)
    try:
        return instant.astimezone(zone).date()
    except OverflowError:
        return instant.astimezone(UTC).date()


def _given_slug(value: Any) -> str | None:
    slug = (given.text(value, "slug", longest=SLUG_LENGTH) or "").strip()
    if not slug:
        return None
    if is_number(slug) or slug.casefold() == OWN:
        raise Invalid.of("slug", f"must not be a number or the word {OWN}")
    return checked_slug(slug)


def checked_slug(slug: str) -> str:
    """The slug itself if it can stand in an address; raises Invalid."""
    if slug in (".", "..") or not slug.isprintable():
        raise Invalid.of("slug", "must be fit to stand in an address")
    return slug


def _made_slug(title: str) -> str:
    slug = slug_of(title)
    if not slug:
        return _MADE_PREFIX
    return f"{_MADE_PREFIX}-{slug}"[:SLUG_LENGTH] if is_number(slug) or slug == OWN else slug


def _refuse_taken_title(transaction: Transaction, title: str) -> None:
    if conventions.find_by_title(transaction, title) is not None:
        raise Invalid.of("title", "is that of another convention")


def shown_day(day: date | None, zone: ZoneInfo) -> str | None:
    """The day's local midnight as answers show it, ``2027-05-14T00:00:00+02:00``."""
    # an offset of old with seconds loses them: the shape has no place for them
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=zone).isoformat()[:25]
