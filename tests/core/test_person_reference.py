"""How requests name accounts."""

from typing import Any

import pytest

from slotport.core.person_reference import Reference, reference
from slotport.errors import Invalid


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"id": 12}, Reference(id=12)),
        ({"id": "12", "name": "Mira"}, Reference(id=12, name="Mira")),
        ({"email": "m@example.org"}, Reference(email="m@example.org")),
        ({"id": "m@example.org"}, Reference(email="m@example.org")),
        ({"id": "", "email": "m@example.org", "name": ""}, Reference(email="m@example.org")),
        ({"id": None, "email": "m@example.org"}, Reference(email="m@example.org")),
    ],
)
def test_an_id_or_an_address_names_somebody(value: dict[str, Any], wanted: Reference) -> None:
    assert reference(value, "hosts") == wanted


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"id": 12, "email": "m@example.org"},
        {"id": "a@example.org", "email": "m@example.org"},
        {"id": True},
        {"id": 1.5},
        {"id": [12]},
        {"id": {"id": 12}},
        {"id": "twelve"},
        {"id": "٣"},
        {"id": 0},
        {"id": -1},
        {"id": 2**63},
        {"id": "9" * 29},
        {"email": 12},
        {"email": ["m@example.org"]},
        {"email": "m\0@example.org"},
        {"email": "m" * 300},
        {"id": 12, "name": 5},
        {"id": 12, "name": "\0"},
        "m@example.org",
        12,
        None,
        [],
    ],
    ids=repr,
)
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        reference(value, "hosts")

    assert list(refused.value.fields) == ["hosts"]
