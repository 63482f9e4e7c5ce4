"""Stage 3: who should know, and where does it stand?

decide.py     START HERE: from a signal to an alert, or to a silence with its reason
throttle.py   the cool-down, what holds an alert back, and what counts as history
routing.py    whom an alert is for; never nobody
policy.py     when to speak and to whom, as the operator decided: alerting.toml
reps/         the people who get alerts
shadow/       a time in which reps get nothing and somebody judges samples
precision/    how often each rule was right
told_store.py what was told before, as the next decision needs it
whose_store.py who it was instead, once somebody said so
message.py    the message as data, before any channel's taste
lines.py      how each of its lines is made
sure.py       the line that says why we believe that it is them
after.py      how it reads after people acted on it
milestones.py what is new since, told in its thread
buttons.py    the buttons, their words and menus
notices/      digests, briefs, reminders as data
digests/      what a rep hears in the morning, a manager each week
worth/        what alerts brought, against the held-out share
wording.py    money, days, times and confidence in words
opener.py     how to begin the call, without a word about the visit
outbox.py     sends what is due, retries, gives up loudly
pacing.py     how soon the next message may go to a destination
pages.py      the pages of a visit as a rep would name them
deliveries/   the outbox's rows
follow_up.py  what channels say that can't edit what they sent
web_post.py   posts to web addresses that the operator named
channels/     the places that messages go to
store.py      alerts and feedback in the database
tables.py     the tables
"""
