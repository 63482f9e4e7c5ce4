"""What alerts are worth: a held-out share, and what the others brought beside it.

holdout.py   whether an account is in the share that is told later (pure)
outcomes.py  who ordered after an alert, and what that proves (pure)
uplift.py    alerted against held out: the difference, how sure it is, and what may be said (pure)
"""
