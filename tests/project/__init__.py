"""The project itself: layers, tables in the documentation, examples, benchmarks."""
