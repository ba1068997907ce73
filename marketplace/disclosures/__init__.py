"""What a shopper is told of the companies' part before paying, by the law of their country."""
