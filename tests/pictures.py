"""Clips that show at a glance whether a codec kept them."""

import numpy as np


def moving_square(frames=16, height=64, width=64, channels=3):
    """A coloured square that moves over a dark ramp: sharp edges and saturated colours."""
    clip = np.zeros((frames, height, width, channels), np.uint8)
    clip += np.linspace(0, 60, width).astype(np.uint8)[None, None, :, None]
    for frame in range(frames):
        place = 2 + frame % (height // 2)
        clip[frame, place : place + 12, place : place + 12] = (230, 40, 90)[:channels]
    return clip
