"""vidgen: explore class-conditional video generators in a browser tab."""
