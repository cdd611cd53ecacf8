"""Reading a customer's words as the answer to a question: pure, without Rasa and without a shop."""
