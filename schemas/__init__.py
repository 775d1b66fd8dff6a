"""The language between the parts: events, one topic table, codec, generated JSON Schema, undeletable examples."""
