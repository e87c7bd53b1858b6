"""Names of files: cleaned, made of templates, each once."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.file_names import Names, check_template, clean_name, filled, template_variables
from slotport.errors import WireError


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Harbour tour", "Harbour tour"),
        ('a/b\\c:d*e?f"g<h>i|j', "a_b_c_d_e_f_g_h_i_j"),
        (" . hidden . ", "hidden"),
        ("line\nbreak\x00\x7f", "line_break__"),
        ("CON", "CON_"),
        ("nul.txt", "nul_.txt"),
        ("com1 .a", "com1_.a"),
        ("console", "console"),
        ("u\u0308ber", "\u00fcber"),
        ("abc\u202egpj", "abc_gpj"),
        ("x" * 120, "x" * 100),
        ("x" * 99 + " y", "x" * 99),
        ("\U0001f3b5" * 80, "\U0001f3b5" * 50),
        ("\ud800", "_"),
        ("...", "export-3"),
        ("", "export-3"),
        ("../../etc/passwd", "_.._etc_passwd"),
    ],
)
def test_a_name_is_one_that_every_system_takes(text: str, name: str) -> None:
    assert clean_name(text, fallback="export-3") == name


@given(st.text())
def test_a_clean_name_stays_as_it_is(text: str) -> None:
    name = clean_name(text, fallback="x")

    assert clean_name(name, fallback="y") == name
    assert name == unicodedata.normalize("NFC", name)
    assert 1 <= len(name) <= 100
    assert len(name.encode()) <= 200
    assert not set(name) & set('/\\:*?"<>|\0\n')


@pytest.mark.parametrize(
    "template",
    ["", "plain", "%_asset.id%", "100%%", "%slot.title%-%_asset.version%", "%_system.easydb.name%%%", "%%%_asset.id%"],
)
def test_known_variables_are_taken(template: str) -> None:
    check_template(template, "export.filename_template")


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("%nothing%", "export.filename_template names %nothing%, which is no variable."),
        ("%slot.titel%", "export.filename_template names %slot.titel%, which is no variable."),
        ("100%", "export.filename_template has a % without its other one; a percent sign is written %%."),
        ("%_asset.id%%", "export.filename_template has a % without its other one; a percent sign is written %%."),
        ("x" * 1001, "export.filename_template must have at most 1000 characters."),
        ("%slot.title%" * 51, "export.filename_template must have at most 50 variables."),
    ],
)
def test_other_templates_are_refused(template: str, sentence: str) -> None:
    with pytest.raises(WireError) as refused:
        check_template(template, "export.filename_template")

    assert (refused.value.code, str(refused.value)) == ("error.api.invalid_value", sentence)


def test_a_template_is_filled() -> None:
    values = {"_asset.id": "7", "slot.title": "50% off"}

    assert filled("%slot.title% (%_asset.id%) 1%%%slot.uid%", values) == "50% off (7) 1%"
    assert template_variables("%slot.title%%%%_asset.id%%slot.title%") == ("slot.title", "_asset.id")


def test_a_clash_gets_a_number() -> None:
    names = Names()

    given_out = [names.take(base, "jpg") for base in ("a", "A", "a (2)", "a", "b", "stra\u00dfe", "STRASSE")]

    assert given_out == [
        "a.jpg", "A (2).jpg", "a (2) (2).jpg", "a (3).jpg", "b.jpg", "stra\u00dfe.jpg", "STRASSE (2).jpg",
    ]  # fmt: skip


def test_names_with_and_without_an_extension_are_told_apart() -> None:
    names = Names()

    assert [names.take("a"), names.take("a", "txt"), names.take("a.txt"), names.take("a")] == [
        "a", "a.txt", "a.txt (2)", "a (2)",
    ]  # fmt: skip


def test_fifty_thousand_equal_names_are_told_apart() -> None:
    names = Names()

    found = [names.take("photo", "jpg") for _ in range(50_000)]

    assert found[-1] == "photo (50000).jpg"
    assert len(set(found)) == 50_000


def test_a_long_name_makes_room_for_its_number() -> None:
    names = Names()

    found = [names.take("x" * 99 + sign, "jpg") for sign in "abab"]

    assert found == ["x" * 99 + "a.jpg", "x" * 99 + "b.jpg", "x" * 90 + " (2).jpg", "x" * 90 + " (3).jpg"]


@given(st.lists(st.sampled_from(["a", "A", "a (2)", "A (3)", "a (2) (2)", "b"])))
def test_no_name_is_handed_out_twice(bases: list[str]) -> None:
    names = Names()

    found = [names.take(base, "x") for base in bases]

    assert len({name.casefold() for name in found}) == len(bases)
