"""Sends mails through the mail server of the settings (RFC 5321); TLS certificates are checked."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from slotport.errors import SlotportError
from slotport.settings import Settings

TIMEOUT_SECONDS = 20


class MailFailed(SlotportError):
    """The mail was not handed over to a mail server."""


def send(settings: Settings, *, to: str, subject: str, text: str) -> None:
    """Hand one plain text mail over; returns when the server took it.

    Raises MailFailed if no server is set, it cannot be reached, is not who it says, or refuses the mail.
    """
    if not settings.smtp_host:
        raise MailFailed("no mail can be sent: the setting smtp_host is empty")
    try:
        message = _message(settings.sender, to, subject, text)
        with _connected(settings) as server:
            server.send_message(message)
    except (smtplib.SMTPException, OSError, ValueError) as cause:
        # an answer of the server may repeat the address, never the password
        raise MailFailed(f"the mail was not sent by {settings.smtp_host}: {cause}") from cause


def _message(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip("> ") or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _connected(settings: Settings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if settings.smtp_security == "tls":
        server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server
