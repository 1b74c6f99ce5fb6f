"""The benchmarks: what a request costs on PostgreSQL, beside a bare Flask endpoint in the same run."""
