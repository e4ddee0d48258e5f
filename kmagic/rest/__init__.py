"""A request is a value: building, deciding and decoding without doing (pure; imports nothing that acts)."""
