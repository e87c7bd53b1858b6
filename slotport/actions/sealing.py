"""Secrets of transports at rest: encrypted with a key that does not lie in the database (docs/design/exports.md)."""

import base64
import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from slotport.errors import SlotportError
from slotport.settings import Settings

KEY_FILE = "secret.key"  #: in the data folder, where the setting ``secret_key`` is empty


class WrongKey(SlotportError):
    """What is stored was encrypted with a key that is not known here."""


def sealed(settings: Settings, secret: str) -> str:
    """The secret as it may be stored."""
    return _cipher(settings).encrypt(secret.encode()).decode()


def unsealed(settings: Settings, secrets: Mapping[str, str]) -> dict[str, str]:
    """The secrets by option, of what is stored. Raises WrongKey."""
    if not secrets:
        return {}
    cipher = _cipher(settings)
    try:
        return {name: cipher.decrypt(text.encode()).decode() for name, text in secrets.items()}
    except (InvalidToken, ValueError):
        raise WrongKey(
            "the secrets of this transport were stored with another secret_key; set it, or enter them again"
        ) from None


def _cipher(settings: Settings) -> MultiFernet:
    """The first key encrypts; those after it are old ones, which decrypt."""
    keys = settings.secret_key.split() or [_key_of_file(settings.data / KEY_FILE)]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(sha256(key.encode()).digest())) for key in keys])


def _key_of_file(path: Path) -> str:
    """The key in the file, which is made if there is none; whoever makes it first wins."""
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.{token_urlsafe(6)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(token_urlsafe(48) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    with suppress(FileExistsError):
        os.link(new, path)
    new.unlink()
    return path.read_text(encoding="ascii").strip()
