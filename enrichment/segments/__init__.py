"""Saved segments: accounts that have something in common, by what they are, bought, did and visited.

definitions.py  START HERE: what segments.toml may say, and its mistakes (pure)
segments.toml   the built-in segments
words.py        a definition in words (pure)
condition_queries.py    a definition as one query over accounts
store.py        who is in which segment since when, and the log of who came and went
"""
