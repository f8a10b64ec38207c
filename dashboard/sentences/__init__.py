"""True sentences, in English and French: each figure in them is the one that the chart and the table show."""
