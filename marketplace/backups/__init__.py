"""Taking the whole house away in a folder, bringing it back, and catching up with the provider."""
