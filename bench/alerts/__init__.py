"""The measure that counts: visits in, named accounts out.

`spelling.py` writes a company's name as a salesperson might. `owners.py` reads the labelled range owners. `world.py`
makes customers, look-alikes and visits of them. `line.py` puts the visits through the real line, registries included.
`score.py` counts what was named rightly. `run.py` prints the figures; `fit.py` fits the weights of the confidence.
"""
