"""Pages: each has NAME (the key of its texts), PATH and `layout(data, view)`."""
