"""HTTP Request: one request per item. `draft.py` what is sent, `answer.py` what came back, `pages.py` several pages."""
