"""The page: Gradio around one player, its routes, its words in two languages."""
