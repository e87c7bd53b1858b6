"""Names that an archive may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.packers import safe_name

PARTS = st.sampled_from(
    ["", ".", "..", "...", "a", "C:", "c:b", "ab:c", "\\", "~", " ", "\n", "\x7f", "ä", "📅", "\ud800"]
)


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "objects.json",
        "media/slot-31/a.jpg",
        "...",
        "a..b/..c",
        ".hidden",
        "~/a",
        " ",
        "ab:c",
        "会議/📅",
        "x" * 65_535,
    ],
)
def test_a_relative_path_is_safe(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "./a", "a/./b"],
        *["C:", "c:a", "C:/a", "a/C:/b", "a\\b", "\\\\server\\a", "a\0b", "a\nb", "\x7f", "\ud800", "x" * 65_536],
        "ä" * 32_768,
    ],
)
def test_whatever_leads_elsewhere_is_not(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        safe_name(name)


@given(parts=st.lists(PARTS, max_size=4))
def test_a_safe_name_stays_below_its_folder(parts: list[str]) -> None:
    name = "/".join(parts)
    try:
        safe_name(name)
    except ValueError:
        return

    assert not {"", ".", ".."} & set(name.split("/"))
    assert not {"\\", "\n", "\x7f", "\ud800"} & set(name)
    assert not any(part[1:2] == ":" for part in name.split("/"))
