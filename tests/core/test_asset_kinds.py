"""What kind of file an upload is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.asset_kinds import OCTETS, Kind, class_of, extension_of, kind_of, original_name
from slotport.core.export import AssetClass

JPEG, PNG = b"\xff\xd8\xff\xe0\0\x10JFIF", b"\x89PNG\r\n\x1a\n\0\0"


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.jpg", JPEG, (AssetClass.IMAGE, "jpg", "image/jpeg")),
        ("a.JPEG", JPEG, (AssetClass.IMAGE, "jpeg", "image/jpeg")),
        ("a.png", JPEG, (AssetClass.IMAGE, "jpg", "image/jpeg")),
        ("photo", PNG, (AssetClass.IMAGE, "png", "image/png")),
        ("a.html", PNG, (AssetClass.IMAGE, "png", "image/png")),
        ("a.jpg", b"<html>", (AssetClass.OTHER, "jpg", OCTETS)),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", (AssetClass.IMAGE, "webp", "image/webp")),
        ("a.mp3", b"ID3\x04", (AssetClass.AUDIO, "mp3", "audio/mpeg")),
        ("a.mp3", b"\xff\xfb\x90", (AssetClass.AUDIO, "mp3", "audio/mpeg")),
        ("a.m4a", b"\0\0\0\x20ftypisom", (AssetClass.AUDIO, "m4a", "audio/mp4")),
        ("a", b"\0\0\0\x20ftypisom", (AssetClass.VIDEO, "mp4", "video/mp4")),
        ("a.pdf", b"%PDF-1.7", (AssetClass.OFFICE, "pdf", "application/pdf")),
        ("a.pdf", b"MZ", (AssetClass.OTHER, "pdf", OCTETS)),
        (
            "a.docx",
            b"PK\x03\x04",
            (AssetClass.OFFICE, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ),
        ("a.xyz", b"PK\x03\x04", (AssetClass.OTHER, "xyz", OCTETS)),
        ("a.svg", b"<svg", (AssetClass.OTHER, "svg", "image/svg+xml")),
        ("a.html", b"<p>", (AssetClass.OTHER, "html", "text/html")),
        ("notes.txt", b"", (AssetClass.OTHER, "txt", "text/plain")),
        ("a.jpg", b"", (AssetClass.OTHER, "jpg", OCTETS)),
        ("Makefile", b"all:", (AssetClass.OTHER, "bin", OCTETS)),
        ("a.t\u00e4r", b"", (AssetClass.OTHER, "bin", OCTETS)),
    ],
)
def test_name_and_bytes_make_a_kind(name: str, head: bytes, kind: tuple[AssetClass, str, str]) -> None:
    assert kind_of(name, head) == Kind(*kind)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("Pier.JPG", "Pier.JPG"),
        ("C:\\Photos\\Pier.jpg", "Pier.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a:b?.jpg", "a_b_.jpg"),
        (".jpg", "file.jpg"),
        ("", "file"),
        ("x" * 300 + ".jpeg", "x" * 100 + ".jpeg"),
        ("u\u0308ber\r\n.txt", "\u00fcber__.txt"),
        ("v1.2 final draft", "v1.2 final draft"),
    ],
)
def test_a_name_is_kept_without_what_does_harm(sent: str, name: str) -> None:
    assert original_name(sent) == name


@given(name=st.text(), head=st.binary(max_size=64))
def test_any_upload_has_a_kind(name: str, head: bytes) -> None:
    kind = kind_of(name, head)

    assert kind.extension.isascii()
    assert kind.extension.isalnum()
    assert len(kind.extension) <= 16
    assert class_of(name) in AssetClass
    assert extension_of(original_name(name)) == extension_of(name.replace("\\", "/").rpartition("/")[2])
