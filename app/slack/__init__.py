"""What comes back from Slack: clicks on buttons, over HTTP or Socket Mode, and the app's installation.

signature.py  whether a request is Slack's, and wasn't seen before (pure)
reading.py    a payload of Slack's → the click in it (pure)
tables.py     the queue of clicks
store.py      clicks in the database
people.py     who a Slack user is: by e-mail address
replies.py    a word to the one who clicked, when a click came to nothing
keeping.py    keeps clicks before they are acknowledged
clicks.py     works them off
doors.py      the two addresses that Slack calls
listening.py  Socket Mode: clicks without a public URL
manifest.py   the app's manifest for either way, and the scopes that it asks for (pure)
connecting.py checks tokens and writes them where the operator says
trying.py     sends one alert to one person, as a test
"""
