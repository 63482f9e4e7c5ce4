"""Our own map of networks, learned from first-party evidence: signed links, forms, identify calls, sign-ins.

`observation.py` is one piece of evidence, without the address (pure). `rule.py` START HERE: when several pieces make a
mapping, and how sure it is (pure). `memory.py` holds the map in memory and judges anew what changed. `store.py` and
`tables.py` keep the evidence for 90 days.
"""
