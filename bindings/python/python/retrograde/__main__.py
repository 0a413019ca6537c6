"""``python -m retrograde`` is the command ``retrograde``."""

import sys

from retrograde import _core


def main():
    """Runs the command with this process' words."""
    sys.exit(_core.command(sys.argv[1:]))


if __name__ == "__main__":
    main()
