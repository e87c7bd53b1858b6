"""What a session's device is called: of a browser its name and system, else what the client said."""

import re

import msgspec
from msgspec import Struct

from slotport.api.page.texts import Texts

LONGEST = 80  #: characters that are shown
#: words in User-Agent (RFC 9110, 10.1.5), the first that is there counts: most browsers name others too
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class _Device(Struct):
    name: str | None = None  #: of a token that was made by hand
    system: str | None = None
    version: str | None = None


def device_name(text: str | None, t: Texts) -> str:
    """The device of a session (JSON, as it is stored) in words; empty if nobody said one."""
    try:
        said = msgspec.json.decode(text or "{}", type=_Device)
    except msgspec.MsgspecError:
        return ""
    if said.name:
        return said.name[:LONGEST]
    if said.system and re.match(r"Mozilla/\d", said.system):
        browser, system = _word(said.system, BROWSERS), _word(said.system, SYSTEMS)
        if browser and system:
            return t("account-device", browser=browser, system=system)
    return " ".join(part for part in (said.system, said.version) if part)[:LONGEST]


def _word(text: str, words: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for word, name in words if word in text), None)
