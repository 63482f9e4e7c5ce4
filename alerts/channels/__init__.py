"""The places that alerts go to; a new one is one file and one line.

protocol.py       what every channel promises
registry.py       the name of a channel → how it is made
preview.py        keeps the message in the database, where the dashboard shows it
slack.py          Slack's Web API: whom, send, edit, find again
slack_blocks.py   an alert in Slack's Block Kit
slack_notice.py   a notice in Slack's Block Kit
slack_parts.py    Block Kit's parts within its limits
slack_errors.py   what Slack's failures mean for us
slack_webhook.py  Slack by an incoming webhook
email.py          e-mail by SMTP
email_text.py     the message as a mail: subject, text, HTML (pure)
teams.py          Microsoft Teams by a workflow's webhook
teams_card.py     the message as an Adaptive Card (pure)
webhook.py        events for programs by Standard Webhooks
webhook_event.py  the events themselves (pure)
"""
