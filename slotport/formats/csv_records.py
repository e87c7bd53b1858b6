"""Rows of a CSV file (RFC 4180), one by one, in bounded memory: line ends of any kind, any of three delimiters."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain

from slotport.errors import FormatError
from slotport.formats.csv_columns import Columns, header, separator_line
from slotport.formats.decoding import BYTE_ORDER_MARK, utf8

MAX_FIELD_LENGTH = 1024 * 1024  #: characters
MAX_RECORD_LENGTH = 4 * 1024 * 1024

# the limit is one for the process and 128 Ki characters at first: it is only ever raised
csv.field_size_limit(max(MAX_FIELD_LENGTH, csv.field_size_limit()))


class Records:
    """The rows below the header of a file, whose ``columns`` are known at once.

    Raises FormatError, naming the line, where there is no header or a record is too large or never ends; BadText
    for what is not UTF-8.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.has_nul = False  #: some text up to now has a NUL
        self._ended = False
        self._count = 0  # rows so far, blank ones too
        self._lines = chain.from_iterable(self._batches(chunks))
        self._first = 1  # line number of the first row
        self.columns = self._header()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of a record's first line and its cells, then one that is blank: one more than columns."""
        reader = csv.reader(self._lines, delimiter=self.columns.delimiter)
        width = self.columns.width
        line = self._first
        try:
            for row in reader:
                self._count += 1
                if self._ended:
                    raise FormatError("outlook", line, "a quoted field that begins in this record is never closed")
                if row:
                    if len(row) == width:
                        row.append("")
                    else:
                        row[width:] = [""] * (1 + max(0, width - len(row)))
                    yield line, row
                line = self._first + reader.line_num
        except csv.Error as cause:
            raise FormatError("outlook", line, f"the record cannot be read: {cause}") from cause

    def _header(self) -> Columns:
        for line in self._lines:
            number = self._first
            self._first += 1
            if line.isspace() or separator_line(line):
                continue
            columns = header(line)
            if columns is None:
                raise FormatError("outlook", number, "the header has no columns Subject and Start_Date, or too many")
            if columns.is_task:
                raise FormatError("outlook", number, "this is a list of tasks, not of calendar entries")
            return columns
        raise FormatError("outlook", 1, "the file has no header")

    def _batches(self, chunks: Iterable[bytes]) -> Iterator[list[str]]:
        """Yield the lines of the file, each with its end, some at a time."""
        parts: list[str] = []  # of a line whose end is still to come
        seen = held = 0
        is_first = True
        for _, text in utf8(chunks):
            if is_first and text:
                text = text.removeprefix(BYTE_ORDER_MARK)
                is_first = False
            held = held + len(text) if self._count == seen else len(text)
            seen = self._count
            if held > MAX_RECORD_LENGTH:
                raise FormatError("outlook", self._first + seen, "a record is longer than 4 Mi characters")
            self.has_nul = self.has_nul or "\0" in text
            parts.append(text)
            if "\n" not in text and "\r" not in text:
                continue
            lines = StringIO("".join(parts), newline="").readlines()
            parts = [] if lines[-1].endswith("\n") else [lines.pop()]
            yield lines
        if rest := "".join(parts):
            yield StringIO(rest, newline="").readlines()
        self._ended = True
