"""How the reader of events is made: a teacher is trained on invented sentences, and a small student on what it reads.

    make events                                  everything, about an hour on two cores; needs ../shared/data
    python -m pipeline.training.events.teacher   the teacher alone, and what it is worth

Both read a sentence in which some words may be marked: as actor, as recipient, as trigger. They say for each word what
part it has in the event, and for the sentence which event it is, of what mode, and whether it is denied, planned, long
ago … The sentences and how they are marked: `README.md`. The gold of PLOVER is never read here.
"""
