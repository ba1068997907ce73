"""Personal data: what we keep of somebody, handed out and taken out on demand."""
