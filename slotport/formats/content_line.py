"""iCalendar's content lines: folding, parameters, escapes (RFC 5545 section 3.1, RFC 6868)."""

import re

from msgspec import Struct

FOLD_OCTETS = 75  #: the longest line that is written, without its line end

_OUTSIDE = {mark: re.compile(rf'(?:[^{mark}"]++|"[^"]*+"?)++') for mark in ";,"}
_CARET = re.compile(r"\^[n'^]")
_CARET_MEANING = {"^n": "\n", "^'": '"', "^^": "^"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*\Z")
_BACKSLASH = ord("\\")
_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")


class ContentLine(Struct, frozen=True, gc=False):
    """One unfolded line, taken apart: NAME;PARAMETER=value,value:value."""

    name: str  #: upper case
    parameters: tuple[tuple[str, tuple[str, ...]], ...]  #: names in upper case, values without quotes
    value: str

    def first(self, name: str) -> str | None:
        """The first value of the parameter ``name`` (upper case), None if there is none."""
        for known, values in self.parameters:
            if known == name:
                return values[0]
        return None


def split_line(line: str) -> tuple[str, str] | None:
    """What stands before and after the first colon outside of quotes; None if the line is no content line.

    Where a quote is never closed, the first colon of all counts.
    """
    head, colon, value = line.partition(":")
    if not colon:
        return None
    if head.count('"') % 2:
        position = 0
        for index, part in enumerate(line.split('"')):
            if index % 2 == 0 and (found := part.find(":")) >= 0:
                return line[: position + found], line[position + found + 1 :]
            position += len(part) + 1
    return head, value


def parsed_head(head: str) -> tuple[str, tuple[tuple[str, tuple[str, ...]], ...]] | None:
    """The upper-case name and the parameters of what stands before the colon; None if it is no such thing."""
    name, *parameters = _OUTSIDE[";"].findall(head) or [""]
    name = name.strip()
    if not _NAME.match(name) or head.lstrip().startswith(";"):
        return None
    found = [_parameter(text) for text in parameters]
    return name.upper(), tuple(parameter for parameter in found if _NAME.match(parameter[0]))


def parsed(line: str) -> ContentLine | None:
    """The line taken apart; None if it is no content line."""
    halves = split_line(line)
    if halves is None:
        return None
    head = parsed_head(halves[0])
    return None if head is None else ContentLine(head[0], head[1], halves[1])


def _parameter(text: str) -> tuple[str, tuple[str, ...]]:
    name, _, values = text.partition("=")
    found = _OUTSIDE[","].findall(values.strip()) or [""]
    return name.strip().upper(), tuple(_parameter_value(value) for value in found)


def _parameter_value(text: str) -> str:
    text = text.strip().replace('"', "")
    if "^" in text:
        return _CARET.sub(lambda match: _CARET_MEANING[match[0]], text)
    return text


def quoted(value: str) -> str:
    """The text as a parameter's value: quoted where it must be, with the three escapes of RFC 6868."""
    value = value.replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    is_plain = value and value == value.strip() and not any(mark in value for mark in ":;,")
    return value if is_plain else f'"{value}"'


def rendered(line: ContentLine) -> str:
    """The line put together again."""
    parameters = "".join(f";{name}={','.join(quoted(value) for value in values)}" for name, values in line.parameters)
    return f"{line.name}{parameters}:{line.value}"


def unescaped(value: str) -> str:
    """A TEXT value as plain text (RFC 5545 section 3.3.11); a backslash that escapes nothing stays."""
    if "\\" not in value:
        return value
    if "\\\\" not in value:
        return value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";")
    return "\\".join(unescaped(part) for part in value.split("\\\\"))


def escaped(text: str) -> str:
    """Plain text as a TEXT value; every kind of line break becomes the one that the format has."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """The line in pieces of at most 75 octets, cut neither in a character nor in an escape, without a line end."""
    octets = line.encode()
    if len(octets) <= FOLD_OCTETS:
        return line
    if len(octets) == len(line) and "\\" not in line:
        rest = range(FOLD_OCTETS, len(line), FOLD_OCTETS - 1)
        return "\r\n ".join([line[:FOLD_OCTETS], *[line[at : at + FOLD_OCTETS - 1] for at in rest]])
    pieces: list[bytes] = []
    start, end = 0, FOLD_OCTETS
    while end < len(octets):
        while octets[end] & 0b1100_0000 == 0b1000_0000:  # within a character
            end -= 1
        if octets[end - 1] == _BACKSLASH:
            piece = octets[start:end]
            # an odd number of backslashes at the end: the last of them escapes the next character
            end -= (len(piece) - len(piece.rstrip(b"\\"))) % 2
        pieces.append(octets[start:end])
        start, end = end, end + FOLD_OCTETS - 1  # the blank that marks the continuation counts
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces).decode()


def unfolded(raw: bytes) -> bytes:
    """The bytes of a line, or of lines, without folds; before decoding, as a fold may stand within a character."""
    return _FOLD.sub(b"", raw)
