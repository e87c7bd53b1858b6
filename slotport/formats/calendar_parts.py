"""An iCalendar file, as chunks of bytes, becomes its parts: events, zones and the calendar's own properties.

There are two ways through a file. ``_quick_event`` takes an event that stands in one piece, as nearly all do;
``_careful_part`` goes line by line and takes everything. For one event both give the same lines.
"""

import re
from collections.abc import Iterable, Iterator
from io import IncrementalNewlineDecoder

from msgspec import Struct

from slotport.errors import BadText
from slotport.formats.content_line import unfolded

MOST_BYTES = 1 << 20  #: of one event or zone, unfolded; a longer one is refused without being held
MOST_DEPTH = 50  #: of components in components that are told apart
READ_BYTES = 1 << 17  #: how much is gathered before it is looked at

_BOM = b"\xef\xbb\xbf"
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_EMPTY_LINES = re.compile(rb"(?:\r?\n)++")
_BLANKS = (32, 9)
_CRLF_BETWEEN = b"\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n"
_LF_BETWEEN = b"\nEND:VEVENT\nBEGIN:VEVENT\n"
_OUTER = {"VEVENT", "VCALENDAR"}  #: components that stand in no event


class Event(Struct, gc=False):
    """The unfolded lines between BEGIN and END:VEVENT."""

    line: int  #: of BEGIN:VEVENT, 1-based
    lines: list[str]
    fault: str | None = None  #: a problem's code: "too_large", "unterminated", "bad_character"
    position: int = -1  #: where it began in the buffer, for ``go_back``


class RawEvent(Struct, gc=False):
    """What stands between BEGIN and END:VEVENT, still folded."""

    line: int
    body: bytes
    text: str  #: the same
    line_end: str  #: of all its lines: CR LF or LF
    position: int

    def unfolded(self) -> str:
        """The text without folds."""
        body = self.body
        if b"\t" in body and b"\n\t" in body:
            return unfolded(body).decode()
        body = body.replace(b"\r\n " if self.line_end == "\r\n" else b"\n ", b"")
        return self.text if len(body) == len(self.body) else body.decode()


class ZonePart(Struct, gc=False):
    """The unfolded lines between BEGIN and END:VTIMEZONE."""

    line: int
    lines: list[str]


class CalendarBegin(Struct, gc=False):
    """BEGIN:VCALENDAR."""

    line: int


class CalendarEnd(Struct, gc=False):
    """END:VCALENDAR."""

    line: int


class CalendarLine(Struct, gc=False):
    """A property of the calendar itself."""

    line: int
    text: str


Part = Event | RawEvent | ZonePart | CalendarBegin | CalendarEnd | CalendarLine


def boundary(line: str) -> tuple[str, str] | None:
    """BEGIN or END, and the component's name, in upper case; None for any other line."""
    head, colon, name = line.partition(":")
    word = head.strip().upper()
    if colon and word in {"BEGIN", "END"}:
        return word, name.strip().upper()
    return None


def _line_ends(piece: bytes) -> set[str]:
    """Those that stand in the bytes: CR LF, LF, CR."""
    decoder = IncrementalNewlineDecoder(None, translate=False)  # three times as fast as to count them
    decoder.decode(piece.decode("latin-1"), final=True)
    found = decoder.newlines
    return {found} if isinstance(found, str) else set(found or ())


class Parts:
    """Iterates over the parts of a file."""

    def __init__(self, chunks: Iterable[bytes], *, quick: bool = True) -> None:
        self.quick = quick
        self._chunks = iter(chunks)
        self._buffer = b""
        self._position = 0  # always at the beginning of a line between two parts
        self._line = 1
        self._base = 0  # the file's offset of the buffer's beginning
        self._is_crlf = True  # every line end in the buffer is CR LF
        self._held = b""  # a CR that may be half of a line end
        self._ended = False
        self._careful_once = False
        self._no_block_before = 0  # an offset in the file
        self._block_end = 0  # likewise
        self._pushed: tuple[int, str | None] | None = None
        self._spans: list[tuple[int, int]] = []
        self._line_start = 1
        self._too_long = False

    def __iter__(self) -> Iterator[Part]:
        self._fill()
        if self._buffer.startswith(_BOM):
            self._position = len(_BOM)
        while True:
            event = None
            if self.quick and self._pushed is None:
                yield from self._events_of(self._block())
            if self.quick and not self._careful_once and self._pushed is None:
                event = self._quick_event()
            if event is not None:
                yield event
                continue
            self._careful_once = False
            self._skip_blank_lines()
            more, part = self._careful_part()
            if not more:
                return
            if part is not None:
                yield part

    def _skip_blank_lines(self) -> None:
        if self._pushed is None and (match := _EMPTY_LINES.match(self._buffer, self._position)):
            self._line += match[0].count(b"\n")
            self._position = match.end()

    def go_back(self, event: Event | RawEvent) -> None:
        """Take the event again, line by line; only right after it was given."""
        self._position = event.position
        self._line = event.line
        self._careful_once = True
        self._no_block_before = self._block_end

    def _fill(self) -> bool:
        """Gather more bytes behind those that are not done with; False at the end of the file."""
        if self._ended:
            return False
        gathered = [self._held]
        size = len(self._held)
        for chunk in self._chunks:
            gathered.append(chunk)
            size += len(chunk)
            if size >= READ_BYTES:
                break
        else:
            self._ended = True
        new = b"".join(gathered)
        self._held = b""
        if new.endswith(b"\r") and not self._ended:
            new, self._held = new[:-1], b"\r"
        ends = _line_ends(new)
        if "\r" in ends:
            new = _LONE_RETURN.sub(b"\n", new)
        rest = self._buffer[self._position :]
        self._is_crlf = ends <= {"\r\n"} and (self._is_crlf or not rest)
        self._base += self._position
        self._buffer = rest + new
        self._position = 0
        return bool(new) or not self._ended

    def _block(self) -> list[bytes]:
        """What the events hold that follow one another from here on, up to the last before another in the buffer."""
        between, line_end = (_CRLF_BETWEEN, b"\r\n") if self._is_crlf else (_LF_BETWEEN, b"\n")
        buffer = self._buffer
        start = self._position + 12 + len(line_end)
        if self._careful_once or self._base + self._position < self._no_block_before:
            return []
        if not buffer.startswith(between[-12 - len(line_end) :], self._position):
            return []
        last = buffer.rfind(between, start)
        if last < 0:
            self._no_block_before = self._base + len(buffer) - len(between)
            return []
        block = buffer[start:last]
        bodies = block.split(between)
        self._block_end = self._base + last
        is_long = len(block) > MOST_BYTES and max(map(len, bodies)) > MOST_BYTES
        if is_long or b"\0" in block or (not self._is_crlf and b"\r" in block):
            self._no_block_before = self._block_end
            return []
        return bodies

    def _events_of(self, bodies: list[bytes]) -> Iterator[Event | RawEvent]:
        """Those that hold the bodies, up to one that must be looked at closer or that was given back."""
        line_end, between = ("\r\n", len(_CRLF_BETWEEN)) if self._is_crlf else ("\n", len(_LF_BETWEEN))
        number = self._line
        position = self._position
        event: Event | RawEvent
        for body in bodies:
            if body[:1] in (b" ", b"\t"):
                return
            try:
                event = RawEvent(number, body, body.decode(), line_end, position)
            except UnicodeDecodeError:
                if (lines := self._lines_of_cut_characters(body)) is None:
                    return
                event = Event(number, lines, None, position)
            number += body.count(b"\n") + 3
            self._line = number
            self._position = position = position + len(body) + between
            yield event
            if self._position != position or not self.quick:
                return  # somebody went back

    def _lines_of_cut_characters(self, body: bytes) -> list[str] | None:
        """The lines where folds stand within characters; None if that is not what is wrong."""
        if b"VEVENT" not in body:
            try:
                return self._lines(body)
            except UnicodeDecodeError:
                pass
        self._no_block_before = self._block_end
        return None

    def _quick_event(self) -> Event | None:
        """The event that begins here, if it stands in one piece and holds no other; else None."""
        while True:
            buffer, position = self._buffer, self._position
            if not buffer.startswith(b"BEGIN:VEVENT", position):
                if len(buffer) - position > 20 or not self._fill():
                    return None
                continue
            following = buffer.find(b"BEGIN:VEVENT", position + 12)
            end = buffer.find(b"\nEND:VEVENT", position + 12, following if following >= 0 else len(buffer))
            if end < 0 and following >= 0:
                return None
            if end < 0 or len(buffer) < end + 14:
                if len(buffer) - position > MOST_BYTES:
                    return None
                if self._fill():
                    continue
                if end < 0:
                    return None
            return self._event_between(buffer, position, end)

    def _event_between(self, buffer: bytes, position: int, end: int) -> Event | None:
        start = position + 12
        start += 2 if buffer.startswith(b"\r\n", start) else 1
        stop = end + 11
        stop += 2 if buffer.startswith(b"\r\n", stop) else 1
        raw = buffer[start : end - 1] if self._is_crlf else buffer[start:end]
        if buffer[start - 1] != 10 or end - position > MOST_BYTES or raw[:1] in (b" ", b"\t"):
            return None
        if stop <= len(buffer) and (buffer[stop - 1] != 10 or buffer[stop : stop + 1] in (b" ", b"\t")):
            return None
        try:
            lines = self._lines(raw)
        except UnicodeDecodeError:
            return None
        event = Event(self._line, lines, "bad_character" if b"\0" in raw else None, position)
        self._line += buffer.count(b"\n", position, stop)
        self._position = min(stop, len(buffer))
        return event

    def _lines(self, raw: bytes) -> list[str]:
        if self._is_crlf:
            if b"\n\t" in raw:
                raw = unfolded(raw)
            elif b"\n " in raw:
                raw = raw.replace(b"\r\n ", b"")
            return raw.decode().split("\r\n")
        if b"\n\t" in raw or b"\n " in raw:
            raw = unfolded(raw)
        text = raw.decode()
        if "\r" in text:
            text = text.replace("\r\n", "\n").removesuffix("\r")
        return text.split("\n")

    def _careful_part(self) -> tuple[bool, Part | None]:
        """Whether there was a line, and the part that it began or was, if any."""
        text = self._next_text()
        if text is None:
            return False, None
        number = self._line_start
        marks = boundary(text)
        if marks is None:
            return True, CalendarLine(number, text) if text.strip() else None
        word, name = marks
        if name == "VCALENDAR":
            return True, CalendarBegin(number) if word == "BEGIN" else CalendarEnd(number)
        if word == "END":
            return True, None
        if name == "VEVENT":
            lines, fault = self._component_lines(name, keep=True)
            if fault is None and any("\0" in line for line in lines):
                fault = "bad_character"
            return True, Event(number, lines, fault)
        lines, fault = self._component_lines(name, keep=name == "VTIMEZONE")
        return True, ZonePart(number, lines) if name == "VTIMEZONE" and fault is None else None

    def _component_lines(self, name: str, *, keep: bool) -> tuple[list[str], str | None]:
        """The lines up to the component's end, and what is wrong with them: "too_large", "unterminated" or None."""
        lines: list[str] = []
        open_parts: list[str] = []
        size = 0
        fault = None
        while (text := self._next_text(keep=keep)) is not None:
            marks = boundary(text)
            if marks is not None:
                word, inner = marks
                if word == "END" and inner == name and not (name not in _OUTER and inner in open_parts):
                    return lines, fault
                if inner in _OUTER:
                    self._pushed = (self._line_start, text)
                    return lines, "unterminated"
                if word == "BEGIN":
                    open_parts.append(inner)
                elif inner in open_parts:
                    del open_parts[open_parts.index(inner) :]
                del open_parts[MOST_DEPTH:]
            size += len(text)
            if self._too_long or size > MOST_BYTES:
                fault = "too_large"
                lines = [line for line in lines[:100] if len(line) < 1000]
            elif keep:
                lines.append(text)
        return lines, "unterminated"

    def _next_text(self, *, keep: bool = True) -> str | None:
        """The next unfolded line; None at the end. Of what is not kept only the beginning need be right."""
        if self._pushed is not None:
            self._line_start, text = self._pushed
            self._pushed = None
            return text
        raw = self._next_line()
        if raw is None:
            return None
        try:
            return raw.decode() if keep else raw[:100].decode(errors="replace")
        except UnicodeDecodeError as cause:
            raise BadText(self._offset(cause.start)) from None

    def _offset(self, index: int) -> int:
        """The file's offset of a byte of the last line."""
        for offset, length in self._spans:
            if index < length:
                return offset + index
            index -= length
        return self._base + self._position

    def _next_line(self) -> bytes | None:
        """The next unfolded line; cut if it is longer than MOST_BYTES, which ``_too_long`` then says."""
        self._line_start = self._line
        self._too_long = False
        self._spans.clear()
        start = self._position
        end = self._buffer.find(b"\n", start)
        if 0 <= end - start <= MOST_BYTES and end + 1 < len(self._buffer) and self._buffer[end + 1] not in _BLANKS:
            self._spans.append((self._base + start, end - start))
            self._position = end + 1
            self._line += 1
            return self._buffer[start : end - 1 if self._buffer[end - 1] == 13 and end > start else end]
        pieces: list[bytes] = []
        size = 0
        if self._position >= len(self._buffer) and not self._fill_some():
            return None
        while True:
            piece, is_whole = self._next_piece()
            size += len(piece)
            if size > MOST_BYTES:
                self._too_long = True
            else:
                pieces.append(piece)
            if not is_whole:
                continue
            self._line += 1
            if self._position >= len(self._buffer) and not self._fill_some():
                break
            if self._buffer[self._position] not in _BLANKS:
                break
            self._position += 1
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _fill_some(self) -> bool:
        while self._fill():
            if self._buffer:
                return True
        return False

    def _next_piece(self) -> tuple[bytes, bool]:
        """The bytes up to the line's end and True; or some of them and False, where it is too long to be held."""
        while True:
            end = self._buffer.find(b"\n", self._position)
            if end >= 0:
                break
            if len(self._buffer) - self._position > MOST_BYTES:
                end = len(self._buffer)
                piece = self._buffer[self._position : end]
                self._position = end
                return piece, False
            if not self._fill():
                end = len(self._buffer)
                break
        start = self._position
        piece = self._buffer[start:end]
        if piece.endswith(b"\r"):
            piece = piece[:-1]
        self._spans.append((self._base + start, len(piece)))
        self._position = min(end + 1, len(self._buffer))
        return piece, True
