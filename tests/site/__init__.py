"""The site in a browser: `make test-docs`."""
