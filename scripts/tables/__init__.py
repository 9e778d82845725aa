"""Write the corpus as tables for spreadsheets, R and pandas: CSV, Parquet and Excel."""
