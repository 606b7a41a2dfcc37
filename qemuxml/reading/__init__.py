"""A command line becomes a guest: who is asked for its options, what becomes of those they leave; ``steps.py`` lists it."""
