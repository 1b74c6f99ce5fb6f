"""The verbs: the only code that changes state."""
