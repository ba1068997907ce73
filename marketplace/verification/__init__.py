"""Who is behind a project or a company: papers, checks with their days, and concerns."""
