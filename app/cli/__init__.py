"""The command `dormouse`, a file for each group of commands.

main.py: START HERE, the list of commands. operate.py: init, serve, migrate. roles.py: web, collector, worker.
accounts.py: accounts. health.py: check, doctor. sites.py: site. imports.py: import, import-log, send-pageview.
listings.py: visits, alerts. precision.py: alerts precision, demote, restore. reps.py: reps. shadow.py: shadow, golive.
explain.py: explain. networks.py: networks. asking.py: networks ask, registries. discover.py: networks discover,
proposals, accept, reject. learned.py: networks learned. links.py: link. demo.py: demo. api_keys.py: api-key.
correct.py: correct, corrections. coverage.py: coverage. worth.py: worth. digest.py: digest. tryout.py: tryout.
deliveries.py: deliveries. dormancy.py: dormancy. presets.py: presets. rules.py: rules. segments.py: segments.
slack.py: slack. progress.py: shows long work.
"""
