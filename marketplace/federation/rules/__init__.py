"""ActivityPub without a database: addresses, signatures, what is sent, what is understood."""
