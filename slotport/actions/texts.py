"""An uploaded file as UTF-8: charsets, byte order marks, and where a byte is wrong."""

import codecs
from collections.abc import Callable, Iterable, Iterator

from slotport.errors import BadText, Invalid

#: Python codecs that are no charsets of files
_NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "mbcs", "oem"}


class Utf8:
    """Chunks of bytes, decoded and encoded as UTF-8 without a byte order mark; may be walked more than once.

    UTF-8 itself passes as it is: its readers say where it is wrong.
    """

    def __init__(self, chunks: Iterable[bytes], encoding: str | None) -> None:
        self._chunks = chunks
        head = next((chunk for chunk in chunks if chunk), b"")
        self._encoding = _charset(encoding) if encoding else _by_mark(head)
        self._mark = 3 if self._encoding == "utf-8" and head.startswith(codecs.BOM_UTF8) else 0

    def __iter__(self) -> Iterator[bytes]:
        if self._encoding == "utf-8":
            return self._without_mark()
        return self._decoded()

    def _without_mark(self) -> Iterator[bytes]:
        left = self._mark
        for chunk in self._chunks:
            if left:
                chunk, left = chunk[left:], max(0, left - len(chunk))
            if chunk:
                yield chunk

    def _decoded(self) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(self._encoding)()
        done = 0
        for chunk in self._chunks:
            waiting = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as cause:
                raise BadText(done - waiting + cause.start, self._encoding) from cause
            except UnicodeError as cause:  # UTF-16 that does not say which byte comes first
                raise BadText(done, self._encoding) from cause
            done += len(chunk)
            if text:
                yield text.encode(errors="surrogatepass")  # the reader names a lone half
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as cause:
            raise BadText(done - 1, self._encoding) from cause

    @property
    def encoding(self) -> str:
        """As it was said, or as its beginning says."""
        return self._encoding

    def is_text(self) -> bool:
        """Whether every byte is text."""
        try:
            self.check()
        except BadText:
            return False
        return True

    def check(self) -> None:
        """Raise BadText for the first byte that is not text."""
        decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")  # halves of UTF-16 are the reader's to name
        done = 0
        for chunk in (*self, b""):
            waiting = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as cause:
                raise BadText(done - waiting + cause.start, self._encoding) from cause
            done += len(chunk)

    def moved(self, error: BadText) -> BadText:
        """The error with its offset in the file as it was uploaded."""
        return BadText(error.offset + self._mark, error.encoding) if self._mark else error


def _charset(name: str) -> str:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        codec = None
    is_text: Callable[[object], bool] = lambda codec: getattr(codec, "_is_text_encoding", False)  # noqa: E731
    if codec is None or not is_text(codec) or codec.name.replace("_", "-") in _NO_CHARSETS:
        raise Invalid.of("encoding", "is not the name of a charset")
    return codec.name


def _by_mark(head: bytes) -> str:
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"


def beginning(chunks: Iterable[bytes], size: int) -> bytes:
    """The first ``size`` bytes, or all there are."""
    held = b""
    for chunk in chunks:
        held += chunk
        if len(held) >= size:
            break
    return held[:size]
