"""Who may read a slot: the one place with the rule in SQL (docs/api/timeslot-slots.md, "Who may read").

A public slot is everybody's; any other is its creator's, and that of the active members of a group that holds it.
Links between slots and groups, and active memberships, exist of live groups only.
"""


def readable(slot: str, reader_id: int | None) -> str:
    """The condition on the row of ``slot`` under that name; None is a visitor."""
    public = f"{slot}.visibility = 'public'"
    if reader_id is None:
        return public
    return (
        f"({public} OR {slot}.owner_id = {reader_id:d} OR EXISTS (SELECT 1 FROM slot_group AS reading_held"
        " JOIN membership AS reading_part ON reading_part.group_id = reading_held.group_id"
        f" WHERE reading_held.slot_id = {slot}.id AND reading_part.account_id = {reader_id:d}"
        " AND reading_part.state = 'active'))"
    )


def id_list(ids: list[int]) -> str:
    """The ids as the inside of an IN; no id is in the list of none."""
    return ", ".join(f"{number:d}" for number in ids) or "NULL"


def near(ids: list[int]) -> str:
    """What stands behind a column in a condition that holds for the ids, in ascending order, and for few others.

    Most objects of a large account were made one after the other: a range is read several times as fast as a list.
    """
    if ids and ids[-1] - ids[0] < 2 * len(ids):
        return f"BETWEEN {ids[0]:d} AND {ids[-1]:d}"
    return f"IN ({id_list(ids)})"
