"""What is to be done, as data: a bounded, acyclic graph of steps, each naming a capability and its inputs.

``plan.py`` says what a plan is and what makes one valid; ``recipe.py`` holds a template per verb; ``planner.py`` turns an
instruction into a plan. Nothing in here does any of it.
"""
