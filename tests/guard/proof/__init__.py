"""What is proven of a function."""
