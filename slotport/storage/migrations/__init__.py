"""The schema's history: one forward-only script a change in ``versions`` (CONTRIBUTING tells how to add one)."""
