"""Updates in other languages: offered by volunteers, shown by projects, always marked as such."""
