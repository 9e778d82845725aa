"""The corpus as tables for spreadsheets, R and pandas: CSV, Parquet, and one Excel workbook."""
