"""Questions as everybody reads and asks them, and on the desks of those who answer."""
