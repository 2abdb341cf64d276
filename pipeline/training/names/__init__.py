"""How the tagger of names is made: a teacher is trained on annotated text, and a small student on what it reads.

    make names                           everything, about 40 minutes on two cores; needs ../shared/data
    python -m pipeline.training.names.teacher   the teacher alone, and what it is worth
    python -m pipeline.training.names.student   the student alone, from the teacher's reading

The teacher, a fine-tuned transformer (`networks`), is too slow to ship; what it says of 4,700 articles teaches a
convolutional network that NumPy runs (`pipeline.extract.tagger`; card in `pipeline/extract/names_en.md`).
"""
