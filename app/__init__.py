"""The shell: opens the doors, turns the crank, judges nothing.

pipeline.py: START HERE, where the three stages meet. parts.py: what it is given. known.py: what it knows by heart.
batch_facts.py: what it asks per batch. speaking.py: whether to speak.
desk.py: what is known of reps and of what was told, for that. wiring.py: settings → working parts.
edge.py: the collector's own wiring. intake.py: buffer records → page views.
worker.py: works off the buffer, delivers, does the chores.
jobs.py: chores as data. set_aside.py: records on which the line fails. states.py: accounts from state to state.
log_import.py: access logs through the line. locks.py: one visit-builder at a time. privacy.py: what is kept how long.

serve.py: supervises the children. serve_wsgi.py: Granian. entry.py: what the servers load. lifeline.py: no orphans.
setup.py: the first start. migrate.py: tables up to date (migrations/). schema.py: all tables. doctor.py: what is
wrong. explain.py: why we think so. outlook.py: the fitted model of orders. thresholds.py: proposed from it.
signed.py: tokens. snippet.py: the line to embed. links.py: links for customers.
learned.py: the learned map in step with its evidence. actions.py: what the buttons do. audit.py: who did what.
network_actions.py: what people decide about found networks. merging.py: two accounts become one, and two again.
duplicate_pairs.py: accounts that may be one customer. corrections.py: what people say of whose a visit was.
withdrawal.py: alerts that a later look contradicts.
settling.py: past visits follow it. again.py, again_queries.py: they follow what is said of networks too.
second_pass.py: registries and the DNS are asked, visits judged again;
remote_parts.py, remote_queries.py: its parts. uploads.py: files to import, from the dashboard.

factory.py: the dashboard as a Flask app. shell.py: what its pages may use. security.py: headers and cross-site checks.

acting/: each button. slack/: clicks from Slack. follow_up/: what becomes of alerts.
auth/: logging in. api/: for programs, by key. cli/: the command. dashboard/: the pages. demo/: the demo. rulebook/:
the rules as data. digests/: sent in the morning. worth/: what alerts brought. acting/, follow_up/: buttons and after.
slack/: clicks from Slack. segments.py: saved segments kept up to date. tryout/: your own two files → a report.
store.py, tables.py, action_queries.py, correction_queries.py, review_queries.py, own_queries.py, expiry_queries.py,
listing_queries.py, delivery_queries.py, rep_queries.py, removal_queries.py, state_queries.py, merge_queries.py,
upload_queries.py: the shell's own reading and writing.
"""
