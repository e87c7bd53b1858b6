"""The export interface, ``/api/v1`` (docs/api/export.md); its routes are put together in ``router``."""
