"""The models that Warmline serves: the sentence encoder, the frustration model and Rasa's trained archives."""
