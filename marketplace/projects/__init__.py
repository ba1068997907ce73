"""Community projects: who they are, what they need, what they tell."""
