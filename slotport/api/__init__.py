"""HTTP: one module or folder for each surface, one application, one frame round it (docs/api)."""
