"""The page's words by topic; each is key: (English, 简体中文). The scripts fill in {braces}."""
