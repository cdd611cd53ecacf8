"""How well messages are understood: the pipeline that ships, on public sets and on the project's own test questions."""
