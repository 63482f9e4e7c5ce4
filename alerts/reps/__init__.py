"""The people who get alerts: when they work, who stands in for them, how much they want.

rep.py     a rep and their team, as the decisions need them (pure)
hours.py   when somebody may be spoken to; when their morning brief comes (pure)
entering.py  what people write of a rep, read and checked (pure)
times.py   weekdays, times of day and zones as people write them (pure)
tables.py  the tables
store.py   reps and teams in the database
"""
