"""The stages of a run, one file each: ``async run(run, tools) -> Outcome``.

Read plan, specify, change, check, propose in this order and you have read Pawl; answer is the whole way of a question. A stage
that runs again finds its own earlier output first, so a killed worker's successor does nothing twice.
"""
