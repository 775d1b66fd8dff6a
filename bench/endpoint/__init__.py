"""What the endpoint that is set makes of the product's own questions."""
