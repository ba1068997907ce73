"""Projects from open data: 360Giving grants and Kiva loans."""
