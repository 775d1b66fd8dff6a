"""The story told by a Python SDK of Segment's kind; which one, where to and of whom, the environment says."""

import importlib
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

STORY = json.loads(Path(__file__).with_name("story.json").read_text(encoding="utf-8"))
USER, VISITOR = f"u-{os.environ['SDK']}", f"b-{os.environ['SDK']}"


def main() -> int:
    """Tell it; 1 where the SDK says that something was not sent."""
    failures: list[Any] = []
    client = importlib.import_module(f"{os.environ['PACKAGE']}.client").Client(
        os.environ["WRITE_KEY"], host=os.environ["COLLECTOR"], on_error=lambda error, _: failures.append(error)
    )
    client.identify(USER, STORY["traits"], anonymous_id=VISITOR)
    client.track(USER, STORY["event"], STORY["properties"], timestamp=datetime.fromisoformat(os.environ["AT"]))
    client.page(USER, STORY["category"], STORY["page"], STORY["place"])
    client.screen(USER, STORY["category"], STORY["screen"], {"step": 1})
    client.group(USER, STORY["group"], STORY["groupTraits"])
    client.alias(VISITOR, USER)
    client.track(event=STORY["event"], properties={"guide": "sea"}, anonymous_id=VISITOR)
    client.flush()
    client.join()
    sys.stderr.write("".join(f"{each}\n" for each in failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
