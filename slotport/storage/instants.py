"""Instants as the tables hold them: milliseconds since 1970-01-01T00:00Z."""

from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.date().toordinal()
DAY_MS = 86_400_000
MILLISECOND = timedelta(milliseconds=1)


def milliseconds(instant: datetime) -> int:
    """The aware datetime as an integer; what is finer than a millisecond is cut off."""
    return (instant - EPOCH) // MILLISECOND


def at(number: int) -> datetime:
    """The integer as an aware datetime in UTC."""
    return EPOCH + timedelta(milliseconds=number)


def midnight(day: date) -> int:
    """00:00 UTC of the day as an integer."""
    return (day.toordinal() - EPOCH_DAY) * DAY_MS
