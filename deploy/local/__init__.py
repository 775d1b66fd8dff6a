"""Local runs with nothing installed but Python: the broker, the mail sink, the model, the demo."""
