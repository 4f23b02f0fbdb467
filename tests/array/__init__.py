"""CowArray: its constructors, dtypes, subclasses, pickles, read-only arrays."""
