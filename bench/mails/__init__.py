"""The mails of the academy's story, as a page for people: played in one process, without a broker."""
