"""The judge: what clips are measured by. Every number has its floor and its controls."""
