"""The only folder with SQL: core values in, core values out."""
