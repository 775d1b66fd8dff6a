"""`python -m schemas` writes the generated JSON Schema."""

from schemas.publish import write

if __name__ == "__main__":
    write()
