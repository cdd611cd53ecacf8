"""The sentence encoder: all-MiniLM-L6-v2 as one quantised ONNX file that bot, actions and handoff all load."""
