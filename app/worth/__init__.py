"""What alerts brought, from the rows that are there.

measure.py  START HERE: alerts and orders → won back, and whether it was the alerts
queries.py  asks the database
"""
