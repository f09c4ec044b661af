"""Documents of an edition: the evaluation report and the atlas; one content, written as DOCX and as PDF."""
