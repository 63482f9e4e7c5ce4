"""Shadow mode: alerts are made and kept, reps get nothing, somebody judges samples, somebody goes live.

tables.py  the tables
store.py   when it ran, who judged what, in the database
golive.py  what speaks for and against going live (pure)
"""
