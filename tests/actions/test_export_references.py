"""What an export may name: people and groups that get mails, and assets; on both databases."""

from uuid import uuid4

from sqlalchemy import insert

from slotport.actions import exports
from slotport.core.account import Account
from slotport.core.export import Export
from slotport.core.slot import Media, MediaType, Slot, Visibility
from slotport.storage import people, tables_exports
from slotport.storage.store import Store
from tests.calendars import NOW, add_group, add_person, add_slots
from tests.conventions import add_convention
from tests.exports import create, refusal


def mailed(store: Store, owner: Account, kind: str, number: int) -> Export:
    recipient = {"_basetype": kind, kind: {"_id": number}}
    mail = {"recipients": [recipient]}
    return create(store, owner, {"export": {}, "_transports": [{"type": "email", "email": mail}]})


def test_mails_go_to_whom_one_knows(store: Store) -> None:
    owner, friend, colleague, manager, stranger = (add_person(store) for _ in range(5))
    group, foreign = add_group(store, friend, owner), add_group(store, stranger, public=True)
    convention = add_convention(store, owner, manager)
    with store.write() as transaction:
        people.bring_in(transaction, convention.id, [colleague.id], made_here=False)

    known = [("user", one.id) for one in (owner, friend, colleague, manager)]
    for kind, number in (*known, ("group", group.id)):
        exports.remove(store, owner, mailed(store, owner, kind, number).id)
    for kind, number in (("user", stranger.id), ("user", 2**62), ("group", foreign.id), ("group", 2**62)):
        expected = (f"user.{kind}_not_found", {"id": str(number)})
        assert refusal(lambda: mailed(store, owner, kind, number)) == expected  # noqa: B023
    assert exports.listed(store, owner) == (0, [])


def add_asset(store: Store, owner: Account, kind: str = "image") -> tuple[int, str]:
    """A new asset; its id and public id."""
    public_id = str(uuid4())
    values = {
        "owner_id": owner.id,
        "public_id": public_id,
        "asset_class": kind,
        "extension": "png",
        "size": 1,
        "sha256": "a" * 64,
        "media_type": "image/png",
        "uploaded_at": 0,
    }
    with store.write() as transaction:
        statement = insert(tables_exports.asset).values(values).returning(tables_exports.asset.c.id)
        return int(transaction.connection.execute(statement).scalar_one()), public_id


def test_assets_are_those_one_may_see(store: Store) -> None:
    owner, friend, stranger = (add_person(store) for _ in range(3))
    own, _ = add_asset(store, owner)
    hidden, hidden_id = add_asset(store, friend)
    shared, shared_id = add_asset(store, friend)
    borrowed, borrowed_id = add_asset(store, stranger)
    pictured, pictured_id = add_asset(store, friend)
    add_group(store, friend, owner, image=pictured_id)
    media = [
        Media(public_id=public_id, media_type=MediaType.IMAGE, position=position)
        for position, public_id in enumerate((shared_id, borrowed_id))
    ]
    slot = Slot(title="Walk", start=NOW, uid="walk", visibility=Visibility.PUBLIC, media=tuple(media))
    secret = Slot(title="Talk", start=NOW, uid="talk", media=(Media(public_id=hidden_id, media_type=MediaType.IMAGE),))
    add_slots(store, friend, [slot, secret])

    told = create(store, owner, assets={str(number): True for number in (own, shared, pictured)})

    assert list(told.definition.assets or {}) == [str(number) for number in sorted((own, shared, pictured))]
    # the slot shows the stranger's id, but only an uploader's own slot makes it a file
    for number in (hidden, borrowed, 2**59):
        expected = ("user.asset_not_found", {"id": str(number)})
        assert refusal(lambda: create(store, owner, assets={str(number): False})) == expected  # noqa: B023


def test_rules_of_an_asset_fit_its_class(store: Store) -> None:
    owner = add_person(store)
    sound, _ = add_asset(store, owner, "audio")
    rule = {str(sound): {"versions": [{"type": "original"}, {"type": "custom", "custom": {}}]}}

    expected = ("api.invalid_value", {"attribute": f"export.assets.{sound}.versions[1].type"})
    assert refusal(lambda: create(store, owner, assets=rule)) == expected
