"""Layers that generators and critics share."""
