"""From a network and identity clues to the company behind a visit, or an honest abstention.

`identify.py` judges, `corrections.py` applies what people said was wrong, `store.py` keeps those words.
"""
