"""The database's history: env.py runs it, versions/ holds one file a step."""
