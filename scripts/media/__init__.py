"""Is this image, video or caption track complete?"""
