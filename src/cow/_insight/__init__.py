"""What users ask about the memory of arrays."""
