"""SQL over the lake: ``connect`` builds and opens ``newsledger.duckdb``, ``query`` asks it, ``conservation`` checks.

The home of DuckDB. The views beyond the tables stand in ``views/``, worked examples in ``cookbook.sql``.
"""
