"""A JSON array (RFC 8259) is cut into its elements, in bounded memory and in time that grows with its length.

Where records begin alike, as those of one program do, many are cut off at once: the last place in the buffer
that looks like the beginning of one is where a record begins if, and only if, all before it is a whole list.
Otherwise one pattern finds the end of an element of the usual depth; deeper ones and single values are followed
bracket by bracket. Whether the bytes of an element are JSON is for its reader to find out.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from slotport.errors import FormatError
from slotport.formats.decoding import PIECE_BYTES, utf8

MAX_ELEMENT_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64  #: of brackets within an element

_PLAIN = rb'[^"\[\]{}]*+'
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_LEAF = rb"[\[{]%b(?:%b%b)*+[\]}]" % (_PLAIN, _STRING, _PLAIN)
_INNER = rb"[\[{]%b(?:(?:%b|%b)%b)*+[\]}]" % (_PLAIN, _STRING, _LEAF, _PLAIN)
_OUTER = rb"[\[{]%b(?:(?:%b|%b)%b)*+[\]}]" % (_PLAIN, _STRING, _INNER, _PLAIN)
_USUAL = re.compile(rb"[ \t\r\n]*+(%b)[ \t\r\n]*+([,\]])" % _OUTER, re.DOTALL)
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?+[ \t\r\n]*+\[")
_EMPTY = re.compile(rb"[ \t\r\n]*+\]")
_SINGLE = re.compile(rb'(?:%b|[^"\[\]{},\s]++)' % _STRING, re.DOTALL)
_BRACKET = re.compile(rb"%b(?:%b%b)*+([\[\]{}])" % (_PLAIN, _STRING, _PLAIN), re.DOTALL)
_SEPARATOR = re.compile(rb"[ \t\r\n]*+([,\]])")
_SPACE = re.compile(rb"[ \t\r\n]*+")
_BETWEEN = re.compile(rb'\}[ \t\r\n]*+,[ \t\r\n]*+\{[ \t\r\n]*+"[^"\\]{1,100}+"')
_raw_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


def elements(chunks: Iterable[bytes], format_name: str) -> Iterator[tuple[int, bytes]]:
    """Yield each element of the array as its offset in the file and its bytes.

    Raises FormatError (line: the number of the element, from 1) for what is no array, ends too early, goes on
    after its end, or has an element that is too large or too deep; BadText for what is not UTF-8.
    """
    cutter = _Cutter(format_name)
    for piece, _ in utf8(chunks):
        yield from cutter.feed(piece)
    yield from cutter.finish()


class _Cutter:
    """Holds what is not yet cut."""

    def __init__(self, format_name: str) -> None:
        self.format_name = format_name
        self.held: list[bytes] = []
        self.size = 0
        self.wanted = 1  # bytes to hold before the next try; they double, or small chunks would cost too much
        self.offset = 0  # of what is held
        self.count = 0  # elements so far
        self.begun = self.ended = False
        self.mark: bytes | None = None  # stands between two records: ``},{"uid"``

    def feed(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the elements that the piece completes."""
        self.held.append(piece)
        self.size += len(piece)
        if self.size >= self.wanted:
            yield from self._cut()

    def finish(self) -> Iterator[tuple[int, bytes]]:
        """Yield the elements that were held back."""
        yield from self._cut()
        if not self.ended:
            raise self._error("the file ends before its array does")

    def _cut(self) -> Iterator[tuple[int, bytes]]:
        buffer = b"".join(self.held)
        at = self._after_begin(buffer)
        if self.mark:
            before, first = at, self.offset
            many, at = self._many(buffer, at, self.mark)
            for element in many:
                before = buffer.find(element, before)
                yield first + before, element
                before += len(element)
                self.count += 1
        while self.begun and not self.ended:
            usual = _USUAL.match(buffer, at)
            found = (usual.start(1), usual.end(1), usual.end()) if usual else self._unusual(buffer, at)
            if found is None:
                break
            begin, end, at = found
            if end - begin > MAX_ELEMENT_BYTES:
                raise self._error("the record is larger than 8 MiB")
            self.ended = buffer[at - 1] == 0x5D
            if not self.count and (between := _BETWEEN.match(buffer, end - 1)):
                self.mark = between[0]
            yield self.offset + begin, buffer[begin:end]
            self.count += 1
        if self.ended:
            at = _end(_SPACE, buffer, at)
            if at < len(buffer):
                raise self._error("there is something after the end of the array")
        rest = buffer[at:]
        if len(rest) > MAX_ELEMENT_BYTES + PIECE_BYTES:
            raise self._error("the record is larger than 8 MiB")
        self.held, self.size, self.offset = [rest], len(rest), self.offset + at
        self.wanted = 1 if self.ended else max(PIECE_BYTES, 2 * len(rest))

    def _many(self, buffer: bytes, at: int, mark: bytes) -> tuple[list[bytes], int]:
        """Cut off as many elements as there are before the last ``mark``; say where the next one begins."""
        cut = buffer.rfind(mark, at)
        if cut < 0:
            return [], at
        try:
            found = _raw_list(b"[%b]" % buffer[at : cut + 1])
        except (msgspec.DecodeError, RecursionError):
            self.mark = None  # it also stands within a record, or here is something wrong, to be found one by one
            return [], at
        return [bytes(element) for element in found], cut + mark.index(b",") + 1

    def _after_begin(self, buffer: bytes) -> int:
        """Find where the first element begins, or 0 if that is behind or still to come."""
        if self.count or self.ended:
            return 0
        at = 0
        if not self.begun:
            found = _BEGIN.match(buffer)
            if found is None:
                if buffer.lstrip(b"\xef\xbb\xbf \t\r\n"):
                    raise self._error("this is not a JSON array")
                return 0
            self.begun = True
            at = found.end()
        if empty := _EMPTY.match(buffer, at):
            self.ended = True
            at = empty.end()
        return at

    def _unusual(self, buffer: bytes, at: int) -> tuple[int, int, int] | None:
        """Find begin and end of an element and the end of its separator; None if they are still to come."""
        begin = _end(_SPACE, buffer, at)
        if begin == len(buffer):
            return None
        if buffer[begin] in b"[{":
            end = self._closed(buffer, begin)
        else:
            single = _SINGLE.match(buffer, begin)
            if single is None and buffer[begin] != 0x22:
                raise self._error("a record was expected here")
            end = single.end() if single else None
        if end is None:
            return None
        separator = _SEPARATOR.match(buffer, end)
        if separator is None:
            if _end(_SPACE, buffer, end) < len(buffer):
                raise self._error("a comma or the end of the array was expected after the record")
            return None
        return begin, end, separator.end()

    def _closed(self, buffer: bytes, begin: int) -> int | None:
        """Find the end of the brackets that open at ``begin``."""
        depth, at = 0, begin
        while found := _BRACKET.match(buffer, at):
            at = found.end()
            depth += 1 if found[1] in b"[{" else -1
            if not depth:
                return at
            if depth > MAX_DEPTH:
                raise self._error(f"the record is nested more than {MAX_DEPTH} deep")
        return None

    def _error(self, text: str) -> FormatError:
        return FormatError(self.format_name, self.count + 1, text)


def _end(pattern: re.Pattern[bytes], buffer: bytes, at: int) -> int:
    found = pattern.match(buffer, at)
    return found.end() if found else at
