"""Sends each rep's digest in their morning, and the managers' each week.

chore.py    START HERE: who is due, once a day each
gather.py   what a digest tells of, put together from the other rooms
queries.py  held alerts, and what was told in which digest
"""
