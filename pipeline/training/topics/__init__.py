"""Training of the topic classifier (`pipeline.extract.topics`): data, teacher, student."""
