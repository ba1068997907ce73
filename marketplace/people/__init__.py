"""Who works for a company or a project: invitations, roles, leaving."""
