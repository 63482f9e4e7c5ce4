"""The floor: domain types, settings, clock, database; imports nothing of ours.

domain.py: the types that cross a stage border, to a signal. alerting.py: from there on. ids.py: ids derived from what
they name. clock.py: the only "now". settings.py: every setting. settings_reader.py: reads one value of them.
settings_channels.py: what is wrong with the channels' settings.
database.py: engine, transactions, column types. errors.py: what can go wrong. rule_file.py: TOML rules, typed.
rule_lines.py: the lines of their mistakes. signing.py: signed tokens. log.py: structured lines, masked.
version.py: the version.
"""
