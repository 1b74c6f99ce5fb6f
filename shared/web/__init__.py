"""HTTP habits that both services share: tenancy, errors, headers, logs, health, the bearer guard."""
