"""What results are held to: plain arrays, eager and deep copies."""
