"""A program for a bounded child: rules for robots on stdin, agent and URL as arguments; 1 or 0 on stdout.

In a child because a rule is a pattern, and whoever writes it may write one that takes for ever.
"""

import resource
import sys

from protego import Protego


def main() -> None:
    """Say whether the agent may fetch the URL. While rules are read nothing can be opened: no file, no socket."""
    agent, url = sys.argv[1:]
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    rules = Protego.parse(text)
    sys.stdout.buffer.write(b"1" if rules.can_fetch(url, agent) else b"0")


if __name__ == "__main__":
    main()
