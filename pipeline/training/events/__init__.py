"""How the reader of events is made: a teacher is trained on invented sentences, and a small student on what it reads.

    make events                                  everything, two hours on two cores with AMX; needs ../shared/data
    python -m pipeline.training.events.teacher   the teacher alone, and what it is worth

Both read a sentence in which some words may be marked: as actor, as recipient, as trigger. They say for each word what
part it has in the event, and for the sentence which event it is, of what mode, and whether it is denied, planned, long
ago … `README.md` is the codebook of the sentences, `pipeline/extract/events_en.md` the card of what ships. The gold of
PLOVER is never read here.
"""
