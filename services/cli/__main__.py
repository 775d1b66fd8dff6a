"""`python -m services.cli`, which is `kindling`."""

import sys

from services.cli.app import run


def main() -> int:
    """The exit status of the verb that the command line names."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
