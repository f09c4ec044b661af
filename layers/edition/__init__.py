"""The built thing: written, hashed, read, asked."""
