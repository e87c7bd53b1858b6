"""Private keys of SSH as users enter them: whatever is entered, reading it takes no more than a few seconds."""

import base64
import binascii
import struct
from collections.abc import Iterator

import asyncssh
from asyncssh.asn1 import ASN1DecodeError, der_decode

from slotport.transports.parcel import TransportRefused

LONGEST = 20_000  #: letters of a key; RSA with 16384 bits has 13000
MOST_ROUNDS = 500  #: of bcrypt, with which ssh-keygen encrypts: it takes 16 or 24 unless it is told otherwise
MOST_ITERATIONS = 2_000_000  #: of PBKDF2, with which openssl does
_BEGIN = b"openssh-key-v1\0"


def read_private_key(text: str, passphrase: str = "") -> asyncssh.SSHKey:
    """The key in any of the forms that ssh-keygen writes. Raises TransportRefused, which shows nothing of it."""
    if len(text) > LONGEST:
        raise TransportRefused("the private key is too long")
    if not _is_quick(text):
        raise TransportRefused(
            "the private key is encrypted in a way that takes too long; encrypt it with fewer rounds"
        )
    try:
        return asyncssh.import_private_key(text, passphrase or None)
    except (asyncssh.KeyImportError, ValueError, RecursionError) as cause:
        is_locked = "passphrase" in str(cause).lower()
        said = "is the passphrase right?" if passphrase else "it needs a passphrase" if is_locked else "is it whole?"
        raise TransportRefused(f"the private key cannot be read: {said}") from cause


def _is_quick(text: str) -> bool:
    """Whether a passphrase is tried in a reasonable time."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if not lines or ("OPENSSH" not in lines[0] and "ENCRYPTED" not in lines[0]):
        return True  # one round of MD5, or no encryption
    try:
        content = base64.b64decode("".join(lines[1:-1]))
        if content.startswith(_BEGIN):
            return _rounds(content) <= MOST_ROUNDS
        return all(number <= MOST_ITERATIONS for number in _numbers(der_decode(content)))
    except (binascii.Error, ASN1DecodeError, struct.error, ValueError, RecursionError):
        return True  # whoever reads it finds that it is none


def _rounds(content: bytes) -> int:
    """Of bcrypt (OpenSSH's PROTOCOL.key): the last number of the third of the strings after the beginning."""
    at = len(_BEGIN)
    for _ in range(2):
        at += 4 + int(struct.unpack_from(">I", content, at)[0])
    end = at + 4 + int(struct.unpack_from(">I", content, at)[0])
    return int(struct.unpack_from(">I", content, end - 4)[0]) if end > at + 4 else 0


def _numbers(value: object) -> Iterator[int]:
    """All whole numbers of what was decoded."""
    if isinstance(value, int):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _numbers(one)
