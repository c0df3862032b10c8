"""Reads finished runs from disk: tables, figures, one page."""

from w2s.report.load import load_results
from w2s.report.run_page import write_run_report
from w2s.report.sweep_page import report
from w2s.report.terminal import print_result, result_table

__all__ = ["load_results", "print_result", "report", "result_table", "write_run_report"]
