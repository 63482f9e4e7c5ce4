"""The script embedded in websites.

dormouse.js: the script, to be read. dm.min.js: the same made small, served as /dm.js.
minify.py: makes the second of the first.
"""
