"""`python -m schemas` writes the generated JSON Schema and AsyncAPI, and lists new examples for good."""

from schemas import asyncapi
from schemas.kept import extend
from schemas.publish import write

if __name__ == "__main__":
    write()
    asyncapi.write()
    extend()
