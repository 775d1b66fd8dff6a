"""The composer's I/O: rendering, prompt files, suppressions, counting."""
