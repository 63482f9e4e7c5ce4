"""Vendored word and domain lists, read by `domains.py` and `words.py`; README.md names source and licence of each."""
