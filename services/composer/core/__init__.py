"""The composer's logic: brief, dialogue, template, gate, letter, record; pure."""
