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


def post(settings: Settings, *, to: str, subject: str, text: str, message_id: str) -> str | None:
    """Hand one mail with a Message-ID of that left part over; None, or the server's words if it refused it for good.

    Raises MailFailed if a later try may pass.
    """
    message = _message(settings.sender, to, subject, text)
    host = message["Message-ID"].rpartition("@")[2]
    message.replace_header("Message-ID", f"<{message_id}@{host}")
    try:
        with _connected(settings) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as cause:
        code, words = next(iter(cause.recipients.values()))
        return _refusal(code, words, cause)
    except smtplib.SMTPResponseException as cause:
        return _refusal(cause.smtp_code, cause.smtp_error, cause)
    except (smtplib.SMTPException, OSError, ValueError) as cause:
        raise MailFailed(f"the mail was not sent by {settings.smtp_host}: {cause}") from cause
    return None


def trouble(settings: Settings) -> str | None:
    """Why no mail can be sent now, in a sentence; None if the mail server lets us in."""
    if not settings.smtp_host:
        return "the setting smtp_host is empty"
    try:
        with _connected(settings) as server:
            server.noop()
    except (smtplib.SMTPException, OSError, ValueError) as cause:
        return f"{settings.smtp_host}: {cause}"
    return None


def _refusal(code: int, words: bytes | str, cause: Exception) -> str:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    text = f"the mail server answered {code} {said}"
    if 500 <= code < 600:
        return text
    raise MailFailed(text) from cause


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
