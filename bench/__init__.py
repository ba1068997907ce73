"""Measuring: requests and purchases per second, statements, CPU and memory, beside references."""
