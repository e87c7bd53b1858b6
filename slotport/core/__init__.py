"""The domain: frozen values and pure functions; no file, socket, clock or framework."""
