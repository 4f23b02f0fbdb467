"""Programs as they are published: plain NumPy, with what they compute in `result`."""
