"""Why the quickstart does not start, in one line for the person at the terminal."""


class Refusal(Exception):
    """It cannot start or go on; the message says why and what mends it."""
