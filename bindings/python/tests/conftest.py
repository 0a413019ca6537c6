"""What all tests share."""

import signal

import pytest

# Whatever started the tests may ignore Ctrl-C, and Python then does: what waits for it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def global_random_seed():
    """scikit-learn's own tests ask for it."""
    return 42
