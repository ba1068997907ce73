"""PostgreSQL in a folder: a server of our own, from the binaries in a wheel, for whoever asks."""
