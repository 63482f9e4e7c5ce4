"""Digests: what a rep, or a manager, hears at a time of their own instead of at once.

rep_digest.py     the rep's morning: to call, to judge, slipping, promised (pure)
answered.py       a digest after people acted on an alert in it (pure)
weekly_digest.py  the manager's week (pure)
"""
