"""What may be said of a slot, and where its media go."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.entry import (
    MediaEdit,
    MediaEntry,
    NewMedia,
    SlotEdit,
    Times,
    checked,
    promoted,
    reordered,
    with_added,
)
from slotport.core.slot import MediaType
from slotport.errors import Invalid, NotFound

NOW = datetime(2031, 5, 6, 13, 44, 2, tzinfo=UTC)
DAWN = datetime(2031, 5, 6, tzinfo=UTC)
DAY = timedelta(days=1)
TIMED = Times(start=NOW, end=NOW + DAY)


def entry(number: int, position: int, media_type: MediaType = MediaType.IMAGE) -> MediaEntry:
    return MediaEntry(
        id=number,
        public_id="x",
        media_type=media_type,
        position=position,
        duration=None,
        title=None,
        local_id=None,
        thumbnail=None,
        created_at=NOW,
    )


def new(position: int | None) -> NewMedia:
    return NewMedia(
        public_id="x",
        media_type=MediaType.IMAGE,
        position=position,
        duration=None,
        title=None,
        local_id=None,
        thumbnail=None,
    )


POSITIONS = st.lists(st.integers(0, 12), unique=True, max_size=6)


@given(POSITIONS, st.lists(st.none() | st.integers(0, 12), max_size=6))
def test_added_media_never_share_a_position_and_keep_the_order(held: list[int], added: list[int | None]) -> None:
    media = [entry(number, at) for number, at in enumerate(sorted(held), 1)]

    moved, positions = with_added(media, [new(at) for at in added])

    after = [moved.get(item.id, item.position) for item in media]
    assert after == sorted(after)
    assert len({*after, *positions}) == len(after) + len(positions)
    assert all(now >= item.position for now, item in zip(after, media, strict=True))


@given(st.permutations(range(1, 6)), st.integers(1, 5))
def test_moved_media_come_first_in_their_order(order: list[int], count: int) -> None:
    media = [entry(number, number * 2) for number in range(1, 6)]

    moved = reordered(media, [MediaEdit(media_id=number) for number in order[:count]])

    rest = [number for number in range(1, 6) if number not in order[:count]]
    assert [key for key, _ in sorted(moved.items(), key=lambda pair: pair[1])] == [*order[:count], *rest]
    assert sorted(moved.values()) == list(range(5))
    with pytest.raises(NotFound):
        reordered(media, [MediaEdit(media_id=6)])


@pytest.mark.parametrize(
    ("removed", "cover"),
    [({1}, 3), ({2}, None), ({1, 2, 3}, None), ({1, 3}, 2), (set(), None)],
)
def test_the_last_image_follows_a_removed_cover(removed: set[int], cover: int | None) -> None:
    media = [entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 3, MediaType.AUDIO)]

    assert promoted(media, removed) == cover


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (SlotEdit(title="x"), TIMED, None),
        (SlotEdit(start_date="2031-05-06T13:44:02Z"), TIMED, None),
        (SlotEdit(end_date=""), TIMED, Times(start=NOW, end=None)),
        (SlotEdit(end_date=None), Times(start=NOW, end=None), None),
        (SlotEdit(start_date="2031-05-07"), Times(start=NOW, end=None), Times(start=DAWN + DAY, end=None)),
        (SlotEdit(allday=True), TIMED, Times(start=DAWN, end=DAWN + 2 * DAY, all_day=True)),
        (SlotEdit(allday=True), Times(start=NOW, end=None), Times(start=DAWN, end=DAWN + DAY, all_day=True)),
        (
            SlotEdit(allday=False),
            Times(start=DAWN, end=DAWN + DAY, all_day=True),
            Times(start=DAWN, end=DAWN + DAY),
        ),
        (
            SlotEdit(end_date="2031-05-06T10:00Z"),
            Times(start=DAWN, end=DAWN + 3 * DAY, all_day=True),
            Times(start=DAWN, end=DAWN + DAY, all_day=True),
        ),
    ],
)
def test_times_change_together(edit: SlotEdit, before: Times, after: Times | None) -> None:
    assert checked(edit, before).times == after


@pytest.mark.parametrize(
    "edit",
    [
        SlotEdit(start_date="2031-05-09"),
        SlotEdit(end_date="2031-05-06T13:44:01Z"),
        SlotEdit(start_date="9999-12-31", end_date="9999-12-31T10:00Z", allday=True),
    ],
)
def test_an_end_before_the_start_or_after_all_time_is_refused(edit: SlotEdit) -> None:
    with pytest.raises(Invalid) as caught:
        checked(edit, TIMED)

    assert set(caught.value.fields) == {"end_date"}


@given(st.text(max_size=80), st.text(max_size=30))
def test_any_text_is_taken_whole_or_refused(title: str, start: str) -> None:
    try:
        found = checked(SlotEdit(title=title, start_date=start), None)
    except Invalid as error:
        assert set(error.fields) <= {"title", "start_date"}  # noqa: PT017  # either outcome is right
    else:
        assert found.title == " ".join(title.split())
