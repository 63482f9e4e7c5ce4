"""The API for programs, under `/api/v1`: no cookies, a key for every call, errors as RFC 9457 problems.

`keys.py` is the door: it asks for a key with the right scope. `problems.py` says errors. `idempotency.py` answers a
repeated request as the first time. `event_types.py` is the shape of events, `event_reading.py` judges what one means
(pure), `events.py` takes them. `correction_shapes.py` is the shape of corrections (pure); their door is in
`app/dashboard`. `store.py` and `tables.py` keep keys, answers and counts.
"""
