"""What the tests of packers share."""

from tests.packers.trees import folder

__all__ = ["folder"]
