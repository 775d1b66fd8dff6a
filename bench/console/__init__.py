"""The console's view: records a second while it is filled, and how long each page takes once it is full."""
