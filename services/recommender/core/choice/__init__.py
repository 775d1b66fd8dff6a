"""Which of the candidates is picked."""
