"""Sends each rep's digest in their morning, and the managers' each week.

chore.py      START HERE: sends what is due, once each
due.py        who is due, asked before anything else is read
gather.py     what a digest tells of, put together from the other rooms
stand_ins.py  held alerts whose recipient has left or is away go to somebody else
queries.py    open and held alerts, and what was told in which digest
"""
