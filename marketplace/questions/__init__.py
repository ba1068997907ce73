"""What readers ask about a project, a company or its report, and what named people answer."""
