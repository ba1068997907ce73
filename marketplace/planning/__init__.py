"""What projects plan: story, milestones, goals, money from elsewhere, needs that are not money."""
