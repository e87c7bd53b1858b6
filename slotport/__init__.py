"""Slotport: a self-hosted server for time slots."""

from importlib.metadata import version

__version__ = version("slotport")
