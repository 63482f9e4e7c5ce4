"""The places that alerts go to; a new one is one file and one line.

protocol.py      what every channel promises
registry.py      the name of a channel → how it is made
preview.py       keeps the message in the database, where the dashboard shows it
slack.py         Slack's Web API: whom, send, edit, find again
slack_blocks.py  the message in Slack's Block Kit, within its limits
slack_errors.py  what Slack's failures mean for us
"""
