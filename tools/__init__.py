"""What the Makefile calls; runs on a bare Python, with nothing but its standard library."""
