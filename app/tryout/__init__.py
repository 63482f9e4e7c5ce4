"""The try-out: dormant customers found in somebody's own two files, in a workspace that is thrown away.

run.py: START HERE, the whole try-out in order. inputs.py: which logs, of which site, which columns. workspace.py: the
throw-away home and database. imports.py: the files into the workspace. queries.py: what the line made of the log, as
the types of seen.py. steps.py: the funnel. findings.py: what was found, as a documented
format. judge.py: confidence words, what would be normal, the sentence at the end. cards.py: one customer at a time.
words.py: the findings as lines. report.py: the findings as one page to forward. shown.py: what may be shown of
addresses.
"""
