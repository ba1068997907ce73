"""What projects plan: story, milestones, goals, needs that are not money."""
