"""The tables of who is signed in and how, in the MetaData of ``tables`` and by its rules (docs/design/storage.md)."""

from sqlalchemy import Column, ForeignKey, LargeBinary, PrimaryKeyConstraint, String, Table

from slotport.storage.tables import Code, Key, instant, text_column
from slotport.storage.tables import metadata as metadata

#: one row a sign-in: a token works on one surface until it ends
session = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),  # SHA-256 of the token
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("surface", String(16), nullable=False),  # v1, auth, export, page
    text_column("device", nullable=True),  # JSON as the client sent it
    instant("created_at"),
    instant("used_at"),  # to the hour
    instant("expires_at"),
)

#: who signs in to an account at another server
identity = Table(
    "identity",
    metadata,
    Column("issuer", Code, nullable=False),
    Column("subject", Code, nullable=False),  # who it is there
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("email_key", Code, nullable=True),  # the address that the issuer verified last, in lower case
    instant("created_at"),
    instant("used_at"),
    PrimaryKeyConstraint("issuer", "subject"),
)

#: a mailed one-time link
reset = Table(
    "reset",
    metadata,
    Column("secret_hash", LargeBinary(32), primary_key=True),  # SHA-256 of the secret
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    instant("created_at"),
    instant("expires_at"),
)
