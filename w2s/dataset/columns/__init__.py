"""What columns of a table become: names, classes, numbers, texts, pictures. Every flaw is named by column and row."""
