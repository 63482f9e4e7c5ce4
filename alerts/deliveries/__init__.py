"""The outbox's rows.

store.py   claims what is due by conditional UPDATE, and writes down how it went
"""
