"""What users ask: explain, relation, ledger, pool."""
