"""Names that are sent for a time zone and are none of a place."""

HOSTILE = (
    "", " ", "UTC", "Etc/UTC", "Etc/GMT+5", "EST", "EST5EDT", "localtime", "posixrules", "Factory", "GMT0",
    "europe/madrid", " Europe/Madrid", "Europe/Madrid\n", "Europe", "Europe/", "/Europe/Madrid",
    "../Europe/Madrid", "Europe/../Europe/Madrid", "../../../etc/passwd", "/etc/localtime", "right/Europe/Madrid",
    "posix/Europe/Madrid", "Europe\\Madrid", "Europe/Atlantis", "Europe/\ud800".encode("utf-8", "replace").decode(),
    "file:/dev/stdin", "x" * 30_000, "Pacific Time (US & Canada)", "-05:00",
)  # fmt: skip
