"""Text to tags: sentiment, topics, advertising, personal data, urgency, replies. Never opens the warehouse."""
