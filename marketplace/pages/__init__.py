"""Pages that show something of every feature: home, open ledger, small print, sitemap."""
