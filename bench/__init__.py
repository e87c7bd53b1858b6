"""The speed and memory of Slotport beside other programs (docs/benchmarks.md)."""
