    def example(self) -> Inputs:
        """Return a batch of one, for the warm-up."""
        batch: Inputs = example(SCHEMA, GOLDEN_FILE)
        return batch
