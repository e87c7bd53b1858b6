"""Content lines: folding, parameters, escapes (RFC 5545 section 3.1, RFC 6868)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.formats.content_line import (
    ContentLine,
    escaped,
    folded,
    parsed,
    rendered,
    split_line,
    unescaped,
    unfolded,
)
from tests.strategies import awkward_texts, texts


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("SUMMARY:a:b", ContentLine("SUMMARY", (), "a:b")),
        ("summary:x", ContentLine("SUMMARY", (), "x")),
        ('DTSTART;TZID="a:b;c,d":1', ContentLine("DTSTART", (("TZID", ("a:b;c,d",)),), "1")),
        ('X-A;M=1,2,"3,4":', ContentLine("X-A", (("M", ("1", "2", "3,4")),), "")),
        ("X-A;CN=^'a^'^n^^b^c:", ContentLine("X-A", (("CN", ('"a"\n^b^c',)),), "")),
        ("X-A ; B = c :d", ContentLine("X-A", (("B", ("c",)),), "d")),
        ("X-A;;B=:d", ContentLine("X-A", (("B", ("",)),), "d")),
        ("X-A;B:d", ContentLine("X-A", (("B", ("",)),), "d")),
        ('X-A;B="open:d', ContentLine("X-A", (("B", ("open",)),), "d")),
    ],
)
def test_lines_are_taken_apart(line: str, expected: ContentLine) -> None:
    assert parsed(line) == expected


@pytest.mark.parametrize("line", ["", "no colon", ":value", "Ä:value", "a b:value", ";A=b:value"])
def test_what_is_no_content_line(line: str) -> None:
    assert parsed(line) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\\nb\\Nc", "a\nb\nc"),
        ("\\,\\;\\\\", ",;\\"),
        ("C:\\\\new", "C:\\new"),
        ("\\\\\\n", "\\\n"),
        ("\\x\\:\\", "\\x\\:\\"),
    ],
)
def test_escapes_are_read_from_left_to_right(value: str, text: str) -> None:
    assert unescaped(value) == text


@given(texts | awkward_texts)
def test_escaped_text_comes_back_and_stays_one_line(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert "\n" not in escaped(text)


@given(awkward_texts | texts, st.integers(0, 3))
def test_folded_lines_come_back_and_are_short(text: str, times: int) -> None:
    line = f"SUMMARY:{escaped(text) * times}"

    physical = folded(line).encode().split(b"\r\n")

    assert all(len(one) <= 75 for one in physical)
    assert unfolded(b"\r\n".join(physical)).decode() == line
    assert all((len(one) - len(one.rstrip(b"\\"))) % 2 == 0 for one in physical[:-1])


@given(
    st.lists(st.tuples(st.sampled_from(["A", "X-B"]), st.lists(texts, min_size=1).map(tuple)), max_size=3).map(tuple)
)
def test_parameters_come_back(parameters: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
    trimmed = tuple((name, tuple(value.strip() for value in values)) for name, values in parameters)
    line = ContentLine("X-A", trimmed, "value")

    assert parsed(rendered(line)) == line


def test_a_million_quotes_are_no_trouble() -> None:
    line = "X-A;B=" + '"' * 1_000_001 + ":v"

    assert split_line(line) == ("X-A;B=" + '"' * 1_000_001, "v")
    assert parsed(line) is not None
