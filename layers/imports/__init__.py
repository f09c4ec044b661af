"""Official data in: files from others compared with a plan folder, put into it, and taken out again."""
