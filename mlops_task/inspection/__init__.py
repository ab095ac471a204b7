"""What `--inspect` does: it looks at files as a whole, and tells the config that reads them."""
