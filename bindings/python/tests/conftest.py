"""What all tests share."""

import pytest


@pytest.fixture
def global_random_seed():
    """scikit-learn's own tests ask for it."""
    return 42
