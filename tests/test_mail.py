"""Mails through a real mail server."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from slotport import mail
from slotport.settings import Settings
from tests.servers import free_port


@dataclass
class Inbox:
    """Takes mails for anybody but refused@example.org."""

    mails: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == "refused@example.org":
            return "550 not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        text = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(text, EmailMessage)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, text))
        return "250 OK"


def check_login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
    return AuthResult(success=login == LoginPassword(b"slotport", b"right"), handled=False)


@contextmanager
def mail_server(inbox: Inbox, **options: Any) -> Iterator[int]:
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), ready_timeout=20, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def settings(port: int, **others: Any) -> Settings:
    return Settings(
        smtp_host="127.0.0.1",
        smtp_port=port,
        mail_from="Slotport <from@example.org>",
        **({"smtp_security": "none"} | others),
    )


def send(settings: Settings, to: str = "to@example.org") -> None:
    mail.send(settings, to=to, subject="Grüße", text="One\n.\nÜber\n")


def test_a_mail_arrives_whole() -> None:
    inbox = Inbox()

    with mail_server(inbox) as port:
        send(settings(port))

    ((sender, receivers, message),) = inbox.mails
    assert (sender, receivers) == ("from@example.org", ["to@example.org"])
    assert (message["From"], message["To"], message["Subject"]) == (
        "Slotport <from@example.org>",
        "to@example.org",
        "Grüße",
    )
    assert message.get_content().replace("\r\n", "\n") == "One\n.\nÜber\n"
    assert message["Message-ID"].endswith("@example.org>")


def test_starttls_and_sign_in(authority: trustme.CA) -> None:
    inbox = Inbox()
    options = {
        "tls_context": server_context(authority, "127.0.0.1"),
        "require_starttls": True,
        "auth_required": True,
        "authenticator": check_login,
    }

    with mail_server(inbox, **options) as port:
        send(settings(port, smtp_security="starttls", smtp_user="slotport", smtp_password="right"))

    assert len(inbox.mails) == 1


def test_a_wrong_password_is_told_without_it(authority: trustme.CA) -> None:
    options = {
        "tls_context": server_context(authority, "127.0.0.1"),
        "auth_required": True,
        "authenticator": check_login,
    }

    with mail_server(Inbox(), **options) as port, pytest.raises(mail.MailFailed) as failed:
        send(settings(port, smtp_security="starttls", smtp_user="slotport", smtp_password="hidden"))

    assert "535" in str(failed.value)
    assert "hidden" not in str(failed.value)


def test_a_certificate_of_another_name_is_refused(authority: trustme.CA) -> None:
    inbox = Inbox()

    with (
        mail_server(inbox, tls_context=server_context(authority, "other.example.org")) as port,
        pytest.raises(mail.MailFailed, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        send(settings(port, smtp_security="starttls"))

    assert inbox.mails == []


def test_a_server_without_starttls_gets_no_mail() -> None:
    inbox = Inbox()

    with mail_server(inbox) as port, pytest.raises(mail.MailFailed, match="STARTTLS"):
        send(settings(port, smtp_security="starttls"))

    assert inbox.mails == []


def test_a_refused_receiver_is_an_error() -> None:
    with mail_server(Inbox()) as port, pytest.raises(mail.MailFailed, match="not here"):
        send(settings(port), "refused@example.org")


@pytest.mark.parametrize("address", ["a@example.org\r\nBcc: b@example.org", "a@example.org\nX: y"])
def test_an_address_cannot_add_headers(address: str) -> None:
    inbox = Inbox()

    with mail_server(inbox) as port, pytest.raises(mail.MailFailed):
        send(settings(port), address)

    assert inbox.mails == []


@pytest.mark.parametrize("port", [1, 9])
def test_no_server_is_an_error(port: int) -> None:
    with pytest.raises(mail.MailFailed, match=r"127\.0\.0\.1"):
        send(settings(port))


def test_no_setting_is_an_error() -> None:
    with pytest.raises(mail.MailFailed, match="smtp_host is empty"):
        send(Settings())
