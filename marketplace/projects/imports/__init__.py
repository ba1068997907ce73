"""Projects from open data: 360Giving grants, IATI activities and Kiva loans."""
