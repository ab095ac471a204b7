"""What `--inspect` does: it looks at whole files, tells what they are, and the config that reads them."""
