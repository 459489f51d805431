"""What code does on inputs nobody wrote down: generated inputs, contracts, and differences between old and new.

``inputs.py`` makes inputs from signatures, annotations, docstrings, and the calls that tests make; ``contracts.py`` reads
stated post-conditions; ``differences.py`` compares observations. Running calls is the harness's work.
"""
