"""What trains the models that ship: one module a model, each a command that also says what its model is worth.

Nothing here runs in the pipeline. Data named on the command line, results beside the code that reads them.
"""
