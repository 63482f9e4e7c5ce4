"""From a network and identity clues to the company behind a visit, or an honest abstention.

`identify.py` judges, `clues.py` says which clues count, `voices.py` weighs what several people said, `corrections.py`
applies it, `reliability.py` says how far each source can be believed, `store.py` keeps those words.
"""
