"""What leaves the site with its address: feeds, pictures, cards for other sites, posters."""
