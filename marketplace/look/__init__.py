"""Drawing: icons, placeholder art, bars, charts, the built assets."""
