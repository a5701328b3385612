"""Every message in Chinese and English: the catalogues, and saying a message in one language."""
