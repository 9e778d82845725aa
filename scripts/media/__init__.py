"""Decide whether an image, a video or a caption track is complete."""
