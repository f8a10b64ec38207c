"""The committee's file: one document of plain values, which each format has a writer for.

`making` asks the same questions as the pages and says the answers in the same sentences; `document` tells what a document is made
of. No Dash, and nothing of how a page is drawn, is known here.
"""
