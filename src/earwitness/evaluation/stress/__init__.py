"""How well a detector holds when the sound gets worse: the same trials, under many conditions."""
