"""Edit Image: resize, crop, write on pictures, and what they are."""
