"""What becomes of alerts after they were told: who has to call whom, what is overdue, how long it took.

work.py     an alert as a task, and the lists of one rep (pure)
figures.py  how long teams take to claim and to call (pure)
queries.py  the alerts of the last weeks with what people did
chore.py    the one reminder, and the escalation to a manager
"""
