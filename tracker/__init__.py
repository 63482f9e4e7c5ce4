"""Stage 1: what happened on our pages?"""
