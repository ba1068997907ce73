"""The papers of a purchase: gift receipts of recipients that qualify, invoices, credit notes."""
