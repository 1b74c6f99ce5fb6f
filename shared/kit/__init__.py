"""The kit: clock, ids, hashes, settings, errors, database, Redis, mail. It knows no identity."""
