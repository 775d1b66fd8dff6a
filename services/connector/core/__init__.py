"""Pure parts of the connector: may this mail go, what are its bytes, what does the server's answer mean."""
