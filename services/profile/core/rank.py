"""How far what an event declares is believed; a rank stands before the time."""

VERIFIED = 2  # of what a server proved of a known person
CLAIMED = 1  # of what their browser said
ANONYMOUS = 0  # of what was said of a visitor, whoever said it: whom a link will make of them nobody knows
UNHEARD = -1  # of what is not believed at all, and so never stored
