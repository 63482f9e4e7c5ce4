"""What people may do with an alert or an account, one act per function; `app.actions` lists them all by name.

done.py      what every act takes and returns (pure)
claiming.py  take an account on, hand it back, take back what was said last
whose.py     right and wrong company: whose visit it was
outcomes.py  what came of calling: reached, no answer, meeting, won, not interested; snooze, not useful, why they left
subjects.py  what a link's button is about: an alert, a visit or an account
in_digests.py  digests that were sent show what people did
dates.py     until when "tomorrow" or "in a week" is (pure)
"""
