"""What `--inspect` does: it looks at files as a whole and tells what they are, and the config that reads them."""
