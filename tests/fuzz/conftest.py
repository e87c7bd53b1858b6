"""How long the fuzz tests go on."""

import pytest


@pytest.fixture
def fuzz_seconds(request: pytest.FixtureRequest) -> float:
    """Seconds for each reader."""
    return float(request.config.getoption("--fuzz-seconds"))
