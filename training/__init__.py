"""Data, training and measurement of the copying reader; never imported by the product."""
