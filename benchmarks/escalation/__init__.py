"""How well it is seen when a person should take over: on public sets and on the project's own dialogues."""
