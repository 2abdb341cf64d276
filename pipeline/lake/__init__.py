"""The lake: Parquet files of the contract. ``store`` writes and reads them, ``validate`` judges them, ``settle`` sets
bad rows aside, ``publish`` makes them public.

The home of pyarrow and of Great Expectations.
"""
