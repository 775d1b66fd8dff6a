"""A program for a bounded child: rules for robots on stdin, agent and URL as arguments; 1 or 0 on stdout.

In a child because a rule is a pattern, and whoever writes it may write one that takes for ever.
"""

import sys

from protego import Protego


def main() -> None:
    """Say whether the agent may fetch the URL."""
    agent, url = sys.argv[1:]
    rules = Protego.parse(sys.stdin.buffer.read().decode("utf-8", "replace"))
    sys.stdout.buffer.write(b"1" if rules.can_fetch(url, agent) else b"0")


if __name__ == "__main__":
    main()
