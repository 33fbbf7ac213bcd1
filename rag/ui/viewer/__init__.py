"""The whole document beside the chat, a stretch at a time, what is cited marked in it."""
