"""Where a hit is safe before it is acknowledged, and waits until it is judged.

protocol.py: what every buffer promises. segment_log.py: the embedded one, append-only files: its writer.
segment_reader.py: its reader. frames.py: how a record lies in a file. sync.py: how a file reaches the disk.
redis_stream.py: the same promise kept by Redis. registry.py: a name in the settings becomes a buffer.
"""
